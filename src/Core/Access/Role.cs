namespace Agora.Core.Access;

/// <summary>
/// What an operator may do. Viewer, operator and admin include each other in this order; sponsors, principals and users may only what concerns their own
/// campaigns, their own agents, and themselves. Somebody can have several.
/// </summary>
[Flags]
public enum Role
{
    None = 0,

    /// <summary>Sees all of the tenant, and changes nothing.</summary>
    Viewer = 1,

    /// <summary>Runs the tenant: users, agents, services, campaigns, sessions. Brings no money in or out.</summary>
    Operator = 2,

    /// <summary>All of it.</summary>
    Admin = 4,

    /// <summary>Of the campaigns that it owns.</summary>
    Sponsor = 8,

    /// <summary>Of the agents that it owns.</summary>
    Principal = 16,

    /// <summary>Of one user, whose id is its owner: the person whose money agents spend.</summary>
    User = 32,
}

public static class Roles
{
    /// <summary>By their names in settings, tokens and documents.</summary>
    public static readonly IReadOnlyList<(string Name, Role Role)> All =
        [("viewer", Role.Viewer), ("operator", Role.Operator), ("admin", Role.Admin), ("sponsor", Role.Sponsor), ("principal", Role.Principal), ("user", Role.User)];

    /// <summary>Those that are of their owner's things only.</summary>
    public const Role Owners = Role.Sponsor | Role.Principal | Role.User;

    /// <returns><see cref="Role.None"/>: there is no such role.</returns>
    public static Role Parse(string name) => All.FirstOrDefault(known => known.Name == name).Role;

    /// <summary>One of these is this role, or more.</summary>
    /// <param name="least">Viewer, operator or admin.</param>
    public static bool Include(this Role roles, Role least) => (roles & ~Owners) >= least;

    public static string Text(this Role roles) => string.Join(", ", All.Where(known => roles.HasFlag(known.Role)).Select(known => known.Name));
}
