using System.Buffers.Text;
using System.Security.Cryptography;
using Agora.Crypto;
using Agora.Crypto.Http;
using Agora.Journal;
using Agora.Outbound;
using Agora.Proof.Keys;

namespace Agora.Proof.Calls;

/// <summary>
/// Signs calls to services (RFC 9421) with the key that signs receipts, so that who runs a service finds the key in <c>/.well-known/jwks.json</c>.
/// <para>NoneWaits: where the key has to be looked up again, one call does it and all others sign with the one that is known. NoneFails: a journal that
/// is away for a while keeps no call from being signed, for what the former key signs verifies.</para>
/// </summary>
public sealed class CallSigner(SigningKeys keys, TimeProvider time) : ICallSigner
{
    /// <summary>Of the signature in its two fields.</summary>
    public const string Label = "agora";

    /// <summary>What the signature is for: none that Agora's key made for anything else passes for a call.</summary>
    public const string Tag = "agora-service-call";

    /// <summary>Of what a call says only at times: what says so is covered then, or anybody could add it.</summary>
    private static readonly string[] AtTimes = ["agora-max-cost-cents", "agora-try"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly string[] Bare = ["@method", "@target-uri", "idempotency-key"];
    private static readonly string[] Posted = [.. Bare, "content-type", "content-digest"];

    private Known? _known;
    private int _looking;

    /// <summary>What the signature of each call covers; of a metered service's the most that it may cost, and of a try that it is one, too. That of a DELETE covers what it has of these.</summary>
    public static IReadOnlyList<string> Components => Posted;

    public async ValueTask<IReadOnlyList<KeyValuePair<string, string>>?> Sign(HttpRequestMessage request, ReadOnlyMemory<byte>? body, CancellationToken cancellation) =>
        await Key(cancellation) is { } known ? Signed(request, body, known) : null;

    private List<KeyValuePair<string, string>> Signed(HttpRequestMessage request, ReadOnlyMemory<byte>? body, Known known)
    {
        var digest = body is { } bytes ? ContentDigest.Of(bytes.Span) : null;
        var message = HttpMessage.To(request.Method.Method, request.RequestUri!, name => name == "content-digest" ? [digest] : Lines(request, name));
        var components = digest is null ? Bare : [.. Posted, .. AtTimes.Where(request.Headers.Contains)];
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var (input, signature) = HttpSignature.Sign(message, new(components, time.GetUtcNow(), known.KeyId, nonce, Tag), Label, known.Key);
        return [.. digest is null ? (KeyValuePair<string, string>[])[] : [new("Content-Digest", digest)], new("Signature-Input", input), new("Signature", signature)];
    }

    private static IReadOnlyList<string?> Lines(HttpRequestMessage request, string name) =>
        name == "content-type" ? request.Content?.Headers.ContentType is { } type ? [type.ToString()] : []
        : request.Headers.NonValidated.TryGetValues(name, out var values) ? [.. values] : [];

    private async ValueTask<Known?> Key(CancellationToken cancellation)
    {
        var known = Volatile.Read(ref _known);
        if (known is not null && (time.GetElapsedTime(known.ReadAt) < SigningKeys.TimeToLive || Interlocked.Exchange(ref _looking, 1) == 1))
        {
            return known;
        }

        try
        {
            var readAt = time.GetTimestamp();
            var key = await keys.Current(cancellation).AsTask().WaitAsync(Patience, time, cancellation);
            return key is null ? known : Remembered(known, key, readAt);
        }
        catch (Exception e) when (e is JournalUnavailableException or TimeoutException)
        {
            return known;
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private Known Remembered(Known? known, Ed25519PrivateKey key, long readAt)
    {
        var fresh = known is not null && ReferenceEquals(known.Key, key) ? known with { ReadAt = readAt } : new Known(key, new Jwk(key.PublicKey).KeyId, readAt);
        Volatile.Write(ref _known, fresh);
        return fresh;
    }

    private sealed record Known(Ed25519PrivateKey Key, string KeyId, long ReadAt);
}
