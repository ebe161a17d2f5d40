# shellcheck shell=bash disable=SC2034,SC2154
# What the lab is made of. A node is one line: its name and management address.
node_table='
  controller 192.168.100.10
  compute    192.168.100.20
  compute2   192.168.100.30
'
# Whose keys log in to the servers of Pulumi.dev.yaml: a key NAME and NAME.pub for each.
server_keys='web1 web2 db1 app1 vault1'
host_address=192.168.100.1
prefix_length=24
management_bridge=br-mgmt
provider_bridge=br-ext
# A node's ports on the two bridges are named by these and the node.
management_port=m-
provider_port=x-
mirror_port=3142

# Kept from one run to the next: base system, node disks, caches, keys, logs.
store=$checkout/.lab
# Gone when the lab is down. Bridges and addresses belong to the whole machine,
# so every checkout finds here what any of them left.
state=/run/iaas-lab
# The control group that holds every process of the lab, and the mark on its bridges.
mark=iaas-lab
