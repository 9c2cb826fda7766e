using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>
/// How tokens and links name their tenant: <c>{tenant}~</c> after the prefix, and nothing for the default one, so that what was minted before there were
/// others means what it meant. No id has '~'; in a path it stands as it is (RFC 3986 §2.3), and in a bearer credential it may (RFC 6750 §2.1).
/// </summary>
internal static class TenantMark
{
    private const char Mark = '~';

    public static string Of(Tenant tenant) => tenant.IsDefault ? "" : tenant.Name + Mark;

    /// <summary>Where the part behind the mark begins.</summary>
    public static int IdAt(ReadOnlySpan<char> token, int start) => start + token[start..].IndexOf(Mark) + 1;

    /// <param name="text">What stands before <see cref="IdAt"/>, the mark with it.</param>
    /// <returns>Null: it is no tenant's name, or the default one's, which is never written.</returns>
    public static Tenant? Read(ReadOnlySpan<char> text) => text.Length == 0 ? Tenant.Default
        : Tenant.Parse(text[..^1]) is { IsDefault: false } tenant ? tenant : null;
}
