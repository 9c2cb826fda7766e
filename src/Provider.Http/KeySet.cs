using System.Runtime.CompilerServices;
using System.Text.Json;
using Agora.Client.Http;

namespace Agora.Provider.Http;

/// <summary>Agora's public keys, read from its <c>/.well-known/jwks.json</c>. A key that is not known is looked up again, but not more often than every ten seconds.</summary>
internal sealed class KeySet(Uri agora, TimeProvider time)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile StrongBox<JsonElement>? _keys;
    private long? _readAt;

    public async Task<byte[]?> Find(string keyId, CancellationToken cancel)
    {
        // A call by a key that is not known waits for Agora's answer. Agora's own calls do not wait with it.
        if (Read(keyId) is { } known) return known;

        await _reading.WaitAsync(cancel);
        try
        {
            if (Read(keyId) is { } read) return read;
            if (_readAt is not { } at || time.GetElapsedTime(at) >= LookAgainAfter)
            {
                _readAt = time.GetTimestamp();
                using var parsed = JsonDocument.Parse(await Http.GetByteArrayAsync(new Uri(agora, "/.well-known/jwks.json"), cancel));
                _keys = new(parsed.RootElement.Clone());
            }

            return Read(keyId);
        }
        finally
        {
            _reading.Release();
        }
    }

    private byte[]? Read(string keyId) => _keys is { } keys ? Receipts.KeyOf(keys.Value, keyId) : null;
}
