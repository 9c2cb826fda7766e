using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Values;
using Agora.Core.Cached;
using Agora.Core.Runs;
using Agora.Core.Services;

namespace Agora.Application.Runs;

/// <summary>
/// Runs that take the output of an equal one: of the same agent of the same user, of the same service as it is defined now, with the same input. Whoever wants that says how old it may be (Cache-Control: max-age, RFC 9111).
/// </summary>
internal sealed class ServiceCache(RunSettings settings, SessionCalls sessions)
{
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, settings.Secret.ToArray(), HMACSHA256.HashSizeInBytes, info: "agora/service-cache/v1"u8.ToArray());

    /// <summary>Null if the caller wants no such output, or none is kept of this service.</summary>
    public async Task<CacheWish?> Wish(AgentCaller caller, ServiceEntry? service, StartRun start)
    {
        var request = start.Request;
        if (service is null || request.Input is not { } input || !service.Definition.MayBeCached) return null;
        if (start.MaxAge(service.Definition.CacheSeconds) is not { } maxAge) return null;
        if (await sessions.Peek(caller) is not { } session) return null;

        var id = CachedIds.Of(_key, session.UserId, SessionPaths.Agents(session), service.ServiceId, service.UpdatedAt, Asked(service.Terms, request.MaxPriceMicros, input));
        return new(id, maxAge, service.Definition.CacheHitBasisPoints, service.UpdatedAt);
    }

    /// <summary>A metered service is told what it may cost, and may do less for less.</summary>
    private static ReadOnlySpan<byte> Asked(ServiceTerms terms, long? maxPriceMicros, JsonElement input)
    {
        var asked = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(asked, new() { SkipValidation = true }))
        {
            CanonicalJson.Write(writer, input);
            writer.Flush();
            if (terms.Metered)
            {
                asked.Write(System.Text.Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"\n{terms.HeldFor(maxPriceMicros)}")));
            }
        }

        return asked.WrittenSpan;
    }
}
