using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Journal.Personal;

namespace Agora.Api.Hosts;

/// <summary>
/// A sealed text is <c>U+0001, id of the key, blank, base64 of what was sealed</c>. No text that comes in can begin with a control character,
/// so none is taken for a sealed one, and rows of before are what they seem.
/// </summary>
internal sealed class PersonalTexts(PersonalKeys keys) : IPersonalTexts
{
    private const char Mark = '\u0001';
    private static readonly byte[] Context = "agora/text"u8.ToArray();

    public async Task<string?> Seal(Tenant tenant, string userId, string? text, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(text)) return text;
        var key = await Key(tenant, userId, cancel);
        return $"{Mark}{key.Id} {Convert.ToBase64String(key.Seal(Encoding.UTF8.GetBytes(text), Context))}";
    }

    public async Task<string?> Open(Tenant tenant, string? stored, CancellationToken cancel, string? onlyOf = null)
    {
        if (stored is not [Mark, ..] || stored.IndexOf(' ', StringComparison.Ordinal) is not (> 0 and var end)) return stored;
        if (!stored.AsSpan(1, end - 1).StartsWith(KeyOf(tenant, ""), StringComparison.Ordinal)) return null;
        if (onlyOf is not null && stored[1..end] != KeyOf(tenant, onlyOf)) return null;
        var key = await keys.Get(stored[1..end], cancel);
        return key.Open(Convert.FromBase64String(stored[(end + 1)..]), Context) is { } text ? Encoding.UTF8.GetString(text) : null;
    }

    public async Task<string> Code(Tenant tenant, string userId, string content, CancellationToken cancel) =>
        Convert.ToHexStringLower((await Key(tenant, userId, cancel)).Code(Encoding.UTF8.GetBytes(content)));

    private ValueTask<PersonalKey> Key(Tenant tenant, string userId, CancellationToken cancel) => keys.Get(KeyOf(tenant, userId), cancel);

    private static string KeyOf(Tenant tenant, string userId) => UserState.PersonalKeyOf(tenant.Name, userId);
}
