using System.Text;
using Agora.Application.Reading;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal.Personal;

namespace Agora.Api.Hosts;

internal sealed class PersonalTexts(PersonalKeys keys) : IPersonalTexts
{
    public async Task<string?> Seal(Tenant tenant, string userId, string? text, CancellationToken cancel) =>
        string.IsNullOrEmpty(text) ? text : SealedText.Seal(await Key(tenant, userId, cancel), text);

    public async Task<string?> Open(Tenant tenant, string? stored, CancellationToken cancel, string? onlyOf = null)
    {
        if (SealedText.KeyIn(stored) is not { } keyId) return stored;
        if (!keyId.StartsWith(SealedText.KeyOf(tenant, ""), StringComparison.Ordinal)) return null;
        if (onlyOf is not null && keyId != SealedText.KeyOf(tenant, onlyOf)) return null;
        return SealedText.Open(await keys.Get(keyId, cancel), stored!);
    }

    public async Task<string> Code(Tenant tenant, string userId, string content, CancellationToken cancel) =>
        Convert.ToHexStringLower((await Key(tenant, userId, cancel)).Code(Encoding.UTF8.GetBytes(content)));

    private ValueTask<PersonalKey> Key(Tenant tenant, string userId, CancellationToken cancel) => keys.Get(SealedText.KeyOf(tenant, userId), cancel);
}
