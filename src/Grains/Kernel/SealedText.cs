using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Journal.Personal;

namespace Agora.Grains.Kernel;

/// <summary>
/// A text about a user that is stored where others' data are: <c>U+0001, id of the user's key, blank, base64 of what was sealed</c>. No text that comes in can begin with a control character,
/// so none is taken for a sealed one, and rows of before are what they seem.
/// </summary>
public static class SealedText
{
    private const char Mark = '\u0001';
    private static readonly byte[] Context = "agora/text"u8.ToArray();

    public static string KeyOf(Tenant tenant, string userId) => UserState.PersonalKeyOf(tenant.Name, userId);

    public static string Seal(PersonalKey key, string text) => $"{Mark}{key.Id} {Convert.ToBase64String(key.Seal(Encoding.UTF8.GetBytes(text), Context))}";

    /// <returns>Null: it was never sealed.</returns>
    public static string? KeyIn(string? stored) => stored is [Mark, ..] && stored.IndexOf(' ', StringComparison.Ordinal) is > 0 and var end ? stored[1..end] : null;

    /// <param name="stored">Sealed with this key.</param>
    /// <returns>Null: the key was destroyed.</returns>
    public static string? Open(PersonalKey key, string stored) =>
        key.Open(Convert.FromBase64String(stored[(key.Id.Length + 2)..]), Context) is { } text ? Encoding.UTF8.GetString(text) : null;
}
