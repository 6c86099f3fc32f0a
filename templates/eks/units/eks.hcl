include "root" {
  path = find_in_parent_folders("root.hcl")
}

include "env" {
  path = "${dirname(find_in_parent_folders("root.hcl"))}/environments/_env/eks.hcl"
}

inputs = {
  # Nothing scales nodes by itself: aws eks update-nodegroup-config does, within these limits.
  node_type     = "[= node_type =]"
  node_min_size = [= 2 if production else 1 =]
  node_max_size = [= 6 if production else 3 =]

  # Networks that may reach the API of the cluster from outside of its VPC, such as ["203.0.113.7/32"]. Without any,
  # whatever applies the unit eks-addons or deploys has to run inside: a VPN, a runner of your own. The runners of
  # GitHub have no fixed addresses: for them it is ["0.0.0.0/0"], and IAM alone keeps the door.
  public_access_cidrs = []

  # Roles of people who may do everything in the cluster; yours too, if you apply the unit eks-addons yourself.
  operator_role_arns = []

  # Roles that deploy: they may write in the namespace of the application.
  deploy_role_arns = []
}
