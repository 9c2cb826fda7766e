using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Agora.Core.Kernel;

/// <summary>
/// The strong entity tag (RFC 9110 section 8.8.3) of something that operators put, quotes included: of the definition alone, as it is stored. What happens to the thing
/// beside that, spending above all, leaves it as it is.
/// </summary>
public static class EntityTags
{
    /// <summary>Of SHA-256: so few that a tag is short, so many that no two definitions meet in one.</summary>
    private const int Bytes = 16;

    public static string Of<T>(T definition) =>
        $"\"{Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(definition, StoredJson.Options)).AsSpan(0, Bytes))}\"";
}

/// <summary>
/// What a caller expects of what the command meets (RFC 9110 sections 13.1.1 and 13.1.2). Whoever decides the command holds its state to it, so of two that expect the same
/// only one is carried out.
/// </summary>
/// <param name="Match">It is there, and has one of these tags, or any (<see cref="Any"/>); none can be had by naming none. Null: not asked.</param>
/// <param name="NoneMatch">It has none of these tags, or is not there (<see cref="Any"/>). Null: not asked.</param>
public sealed record Precondition(IReadOnlyList<string>? Match = null, IReadOnlyList<string>? NoneMatch = null)
{
    public const string Any = "*";

    /// <summary>What a reader of tags calls the one that is there, in facts of the refusal too.</summary>
    public const string Fact = "etag";

    public static Precondition IsStill(string tag) => new([tag]);

    /// <summary>Both hold.</summary>
    public Precondition And(Precondition? other) => other is null ? this : new(Both(Match, other.Match), NoneMatch is null ? other.NoneMatch : other.NoneMatch is null ? NoneMatch : [.. NoneMatch, .. other.NoneMatch]);

    private static IReadOnlyList<string>? Both(IReadOnlyList<string>? one, IReadOnlyList<string>? other) => one is null || one.Contains(Any) ? other ?? one
        : other is null || other.Contains(Any) ? one
        : [.. one.Intersect(other, StringComparer.Ordinal)];

    /// <param name="current">The tag that it has; null: it is not there.</param>
    /// <returns>Null: it is as expected.</returns>
    public Rejection? Refusal(string? current) =>
        Match is not null && !Has(Match, current) ? Failed(current is null ? "There is nothing yet that If-Match could hold for." : "It was changed: it has another ETag than If-Match says.", current)
        : NoneMatch is not null && Has(NoneMatch, current) ? Failed("It is there already, with an ETag that If-None-Match rules out.", current)
        : null;

    /// <param name="current">As in <see cref="Refusal"/>.</param>
    public static bool Has(IReadOnlyList<string> tags, string? current)
    {
        if (current is null) return false;

        foreach (var tag in tags)
        {
            if (tag == Any || tag == current) return true;
        }

        return false;
    }

    private static Rejection Failed(string message, string? current)
    {
        var failed = new Rejection(Codes.PreconditionFailed, message);
        return current is null ? failed.WithRaw(Fact, "null") : failed.With(Fact, current);
    }
}

/// <summary>How an operator's definition replaces the one that is there.</summary>
/// <param name="If">Null: whatever is there.</param>
/// <param name="Unnamed">Members that the request leaves to their defaults. Those that had another value are dropped, and the answer says so.</param>
public sealed record Replacing(Precondition? If = null, IReadOnlyList<string>? Unnamed = null)
{
    /// <param name="before">Members that have a value other than their default now.</param>
    /// <param name="after">The same of the definition that comes.</param>
    /// <returns>Null: none.</returns>
    public IReadOnlyList<string>? Dropped(IReadOnlyList<string>? before, IReadOnlyList<string> after)
    {
        if (Unnamed is null || before is null) return null;

        string[] dropped = [.. before.Where(name => Unnamed.Contains(name, StringComparer.Ordinal) && !after.Contains(name, StringComparer.Ordinal))];
        return dropped.Length == 0 ? null : dropped;
    }

    /// <summary>Names of the members, as an operator knows them, that have a value other than their default.</summary>
    public static IReadOnlyList<string> Given(params ReadOnlySpan<(string Name, bool HasValue)> members)
    {
        var given = new List<string>(members.Length);
        foreach (var (name, hasValue) in members)
        {
            if (hasValue)
            {
                given.Add(name);
            }
        }

        return given;
    }
}
