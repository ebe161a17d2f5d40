"""How long servers take on the lab, beside other ways to make them."""
