namespace Agora.Core.Kernel;

/// <summary>
/// Whose entities these are: the first part of every stream's name. It comes with the credential and travels from there as a value; nothing names an
/// entity of another tenant, for ids have no '/'.
/// </summary>
public sealed record Tenant
{
    public const string Rule = "1 to 32 small letters, digits or '-'";

    private Tenant(string name) => Name = name;

    /// <summary>Of whoever names none. What belongs to the whole installation is for its operators.</summary>
    public static Tenant Default { get; } = new(StreamId.DefaultTenant);

    public string Name { get; }

    public bool IsDefault => Name == StreamId.DefaultTenant;

    /// <returns>Null: it is no tenant's name.</returns>
    public static Tenant? Parse(ReadOnlySpan<char> name) =>
        name.SequenceEqual(StreamId.DefaultTenant) ? Default
        : name.Length is > 0 and <= Limits.TenantLength && name.IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-") < 0 ? new(name.ToString())
        : null;

    public static Tenant Of(StreamId stream) => Parse(stream.Tenant) ?? throw new FormatException($"{stream} has no tenant's name.");

    public override string ToString() => Name;
}
