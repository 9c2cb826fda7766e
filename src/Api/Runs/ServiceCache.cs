using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Agora.Api.Http;
using Agora.Api.Models;
using Agora.Application.Catalogue;
using Agora.Application.Values;
using Agora.Core.Cached;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;

namespace Agora.Api.Runs;

/// <summary>
/// Runs that take the output of an equal one: of the same agent of the same user, of the same service as it is defined now, with the same input. Whoever wants that says how old it may be (Cache-Control: max-age, RFC 9111).
/// </summary>
internal sealed class ServiceCache(ApiOptions options)
{
    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, options.TokenKey.ToArray(), HMACSHA256.HashSizeInBytes, info: "agora/service-cache/v1"u8.ToArray());

    /// <returns>Null: none is wanted, or none is to be had of this service.</returns>
    public async Task<CacheWish?> Wish(AgentCall call, ServiceEntry? service, RunRequest request)
    {
        if (service is null || request.Input is not { } input || !service.Definition.MayBeCached) return null;
        if (CacheControl.MaxAge(call, service.Definition.CacheSeconds) is not { } maxAge) return null;
        if ((await call.Peek()).Reply is not SessionView session) return null;

        var id = CachedIds.Of(_key, session.UserId, KeptReplies.Who(session), service.ServiceId, service.UpdatedAt, Asked(service.Terms, request.MaxPriceMicros, input));
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
