using System.Globalization;

namespace Agora.Core.Kernel;

/// <summary>
/// Whose entities these are: the first part of every stream's name. It comes with the credential and travels from there as a value; nothing names an
/// entity of another tenant, for ids have no '/'.
/// <para>Beside each tenant stands one for tests, with play money and a clock of its own: <c>{tenant}_t{generation}</c>. No setting can name one, for its names have no '_'. A reset begins
/// the next generation, which is another tenant. Generation 0 holds the clock alone, which says which generation it is.</para>
/// </summary>
public sealed record Tenant
{
    public const string Rule = "1 to 32 small letters, digits or '-'";

    private const string TestMark = "_t";

    private Tenant(string live, int? generation = null)
    {
        (Live, Generation) = (live, generation);
        Name = generation is { } n ? string.Create(CultureInfo.InvariantCulture, $"{live}{TestMark}{n}") : live;
    }

    /// <summary>Of whoever names none. What belongs to the whole installation is for its operators.</summary>
    public static Tenant Default { get; } = new(StreamId.DefaultTenant);

    public string Name { get; }

    /// <summary>The name as settings have it: of a tenant for tests that of the one that it stands beside.</summary>
    public string Live { get; }

    /// <summary>Of a tenant for tests; null: it is none.</summary>
    public int? Generation { get; }

    public bool IsDefault => Name == StreamId.DefaultTenant;

    public bool IsTest => Generation is not null;

    /// <summary>Its time is told by its clock.</summary>
    public bool HasClock => Generation > 0;

    /// <summary>The tenant for tests beside this one, whatever generation it is: where its clock stands, and what keys of settings name.</summary>
    public Tenant Test => Generation == 0 ? this : new(Live, 0);

    public Tenant Of(int generation) => new(Live, generation);

    /// <returns>Null: it is no tenant's name.</returns>
    public static Tenant? Parse(ReadOnlySpan<char> name)
    {
        if (name.SequenceEqual(StreamId.DefaultTenant)) return Default;

        var mark = name.IndexOf(TestMark);
        return mark < 0 ? (IsLive(name) ? new(name.ToString()) : null)
            : IsLive(name[..mark]) && GenerationOf(name[(mark + TestMark.Length)..]) is { } generation ? new(name[..mark].ToString(), generation)
            : null;
    }

    public static Tenant Of(StreamId stream) => Parse(stream.Tenant) ?? throw new FormatException($"{stream} has no tenant's name.");

    public override string ToString() => Name;

    private static bool IsLive(ReadOnlySpan<char> name) => name.Length is > 0 and <= Limits.TenantLength && name.IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-") < 0;

    // One spelling: a zero in front would make two names of one tenant.
    private static int? GenerationOf(ReadOnlySpan<char> digits) =>
        (digits.Length == 1 || !digits.StartsWith("0")) && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : null;
}
