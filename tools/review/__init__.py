"""What happens to a preview at a forge: posted for review, carried out after the merge, kept up."""
