using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Client.Http;

namespace Agora.Provider.Http;

/// <summary>Agora's public keys, read from its <c>/.well-known/jwks.json</c>. A key that is not known is looked up again, but not more often than every ten seconds.</summary>
internal sealed class KeySet(Uri agora, TimeProvider time)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _reading = new(1);
    private readonly ConcurrentDictionary<string, byte[]> _known = new(StringComparer.Ordinal);
    private JsonElement? _keys;
    private long? _readAt;

    public async Task<byte[]?> Find(string keyId, CancellationToken cancel)
    {
        if (Known(keyId) is { } found) return found;

        await _reading.WaitAsync(cancel);
        try
        {
            if (Read(keyId) is { } read) return read;
            if (_readAt is not { } at || time.GetElapsedTime(at) >= LookAgainAfter)
            {
                _readAt = time.GetTimestamp();
                using var parsed = JsonDocument.Parse(await Http.GetByteArrayAsync(new Uri(agora, "/.well-known/jwks.json"), cancel));
                _keys = parsed.RootElement.Clone();
                _known.Clear();
            }

            return Read(keyId);
        }
        finally
        {
            _reading.Release();
        }
    }

    private byte[]? Known(string keyId) => _known.GetValueOrDefault(keyId);

    /// <summary>Checking a key takes milliseconds, so what was read of it is kept.</summary>
    private byte[]? Read(string keyId) => Known(keyId) is { } known ? known : _keys is { } keys && Receipts.KeyOf(keys, keyId) is { } read ? _known[keyId] = read : null;
}
