namespace Agora.Core.Kernel;

/// <summary>Names one entity and its stream: <c>{tenant}/{kind}/{id}</c>. Ids may not contain '/', so the parts are unambiguous.</summary>
public readonly record struct StreamId(string Tenant, string Kind, string Id)
{
    /// <summary>The name of <see cref="Kernel.Tenant.Default"/>, as it is stored.</summary>
    public const string DefaultTenant = "default";

    public static StreamId Parse(string value)
    {
        var parts = value.Split('/');
        return parts.Length == 3 ? new(parts[0], parts[1], parts[2]) : throw new FormatException("A stream id is {tenant}/{kind}/{id}.");
    }

    public override string ToString() => $"{Tenant}/{Kind}/{Id}";
}
