using Agora.Core.Kernel;

namespace Agora.Hosting;

/// <summary>A key that lets its holder in to one tenant: <c>NAME:KEY</c> is the default tenant's, <c>TENANT/NAME:KEY</c> another's.</summary>
public sealed record TenantKey(Tenant Tenant, string Name, string Key)
{
    /// <summary>As it stands in the setting, without the key: so no log has it.</summary>
    public override string ToString() => Tenant.IsDefault ? Name : $"{Tenant}/{Name}";
}
