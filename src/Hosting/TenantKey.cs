using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Hosting;

/// <summary>A key that lets its holder in to one tenant: <c>NAME:KEY</c> is the default tenant's, <c>TENANT/NAME:KEY</c> another's. An operator's can say what it may, <c>NAME:KEY:ROLE</c>, and of an owner's role whose it is, <c>NAME:KEY:sponsor=OWNER</c>.</summary>
public sealed record TenantKey(Tenant Tenant, string Name, string Key, Role Roles = Role.Admin, string? Owner = null)
{
    /// <summary>As it stands in the setting, without the key: so no log has it.</summary>
    public override string ToString() => Tenant.IsDefault ? Name : $"{Tenant}/{Name}";
}
