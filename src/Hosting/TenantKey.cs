using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Hosting;

/// <summary>
/// A key that lets its holder in to one tenant: <c>NAME:KEY</c> is the default tenant's, <c>TENANT/NAME:KEY</c> another's; a key that begins with <c>test_</c> opens the one for tests beside it, and nothing else.
/// An operator's can say what it may, <c>NAME:KEY:ROLE</c>, and of an owner's role whose it is, <c>NAME:KEY:sponsor=OWNER</c>.
/// </summary>
public sealed record TenantKey(Tenant Tenant, string Name, string Key, Role Roles = Role.Admin, string? Owner = null)
{
    /// <summary>With which a key for tests begins, wherever it is given.</summary>
    public const string TestPrefix = "test_";

    public static TenantKey Of(Tenant live, string name, string key) => new(TenantOf(live, key), name, key);

    public static Tenant TenantOf(Tenant live, string key) => key.StartsWith(TestPrefix, StringComparison.Ordinal) ? live.Test : live;

    /// <summary>As it stands in the setting, without the key: so no log has it.</summary>
    public override string ToString() => $"{(Tenant.IsTest ? TestPrefix : "")}{(Tenant.Live == Tenant.Default.Live ? Name : $"{Tenant.Live}/{Name}")}";
}
