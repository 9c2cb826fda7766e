namespace Agora.Core.Kernel;

/// <summary>Names one entity and its stream: <c>{tenant}/{kind}/{id}</c>. Ids may not contain '/', so the parts are unambiguous.</summary>
public readonly record struct StreamId(string Tenant, string Kind, string Id)
{
    /// <summary>The name of <see cref="Kernel.Tenant.Default"/>, as it is stored.</summary>
    public const string DefaultTenant = "default";

    /// <exception cref="FormatException">It is no stream id.</exception>
    public static StreamId Parse(string value) => Find(value) ?? throw new FormatException("A stream id is {tenant}/{kind}/{id}.");

    /// <returns>Null: it is no stream id.</returns>
    public static StreamId? Find(string value) => value.Split('/') is [var tenant, var kind, var id] ? new(tenant, kind, id) : null;

    public override string ToString() => $"{Tenant}/{Kind}/{Id}";
}
