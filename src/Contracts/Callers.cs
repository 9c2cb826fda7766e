using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Contracts;

/// <summary>A process that may call grains, and the secret that it proves this with.</summary>
/// <param name="Name">Stands in tokens and in the log.</param>
/// <param name="Key">At least 16 bytes, known to this caller and to the silos.</param>
/// <param name="Kinds">Kinds of entity that it may send commands to; null: all of them, and grains that are no entities.</param>
/// <param name="ActsAs">The one actor in whose name it sends commands; null, for silos and front ends: in the name of whoever asked them.</param>
public sealed record Caller(string Name, ReadOnlyMemory<byte> Key, IReadOnlySet<string>? Kinds, string? ActsAs)
{
    /// <summary>A service with a key of its own, as both sides are told it.</summary>
    public static Caller OfService(string name, string key, IEnumerable<string>? kinds = null) =>
        new(name, Encoding.UTF8.GetBytes(key), kinds?.ToHashSet(StringComparer.Ordinal), $"service:{name}");

    /// <summary>Silos and front ends hold the master key anyway, so theirs follow from it.</summary>
    public static Caller OfCluster(string name, ReadOnlySpan<byte> masterKey)
    {
        var key = new byte[SHA256.HashSizeInBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, key, salt: [], info: Encoding.UTF8.GetBytes($"agora/caller/{name}"));
        return new(name, key, null, null);
    }
}

/// <summary>
/// A caller's token, <c>name|expiry|HMAC-SHA256(name|expiry)</c> with the expiry in Unix seconds. It says who calls, not what is called: the
/// connection is TLS's business. Tokens last long beside a call and a clock's error, and are renewed well before they end.
/// </summary>
public sealed class CallerSigner(Caller caller, TimeProvider time)
{
    /// <summary>Under this name a token travels in a call's request context.</summary>
    public const string Header = "agora.caller";

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RenewedBefore = TimeSpan.FromMinutes(4);
    private volatile Signed? _current;

    /// <summary>The same object until it is renewed.</summary>
    public string Token
    {
        get
        {
            var now = time.GetUtcNow();
            if (_current is { } current && now < current.RenewAt) return current.Token;

            var expiry = now + Lifetime;
            _current = new(CallerTokens.Sign(caller, expiry), expiry - RenewedBefore);
            return _current.Token;
        }
    }

    private sealed record Signed(string Token, DateTimeOffset RenewAt);
}

/// <summary>
/// Tells callers by their tokens. A token that was found right is remembered until it ends, so that the usual call costs one look-up;
/// at most <see cref="Capacity"/> are, and then all are forgotten at once.
/// </summary>
public sealed class CallerVerifier(IEnumerable<Caller> callers, TimeProvider time)
{
    private const int Capacity = 1_000;
    private readonly Dictionary<string, Caller> _callers = callers.ToDictionary(caller => caller.Name, StringComparer.Ordinal);
    private readonly Remembered<string, Known> _known = new(Capacity);

    /// <returns>Null: no token, not ours, forged, or expired.</returns>
    public Caller? Verify(string? token) => Find(token) is { Late: null, Caller: var caller } ? caller : null;

    /// <summary>As <see cref="Verify"/>, but an expired token still names its caller: the key is right, so one of the two clocks is wrong.</summary>
    /// <returns>Null: no token, not ours, or forged. <c>Late</c>: how long ago the token expired, by this process's clock. Null while it is valid.</returns>
    internal (Caller Caller, TimeSpan? Late)? Find(string? token)
    {
        if (token is null) return null;

        var now = time.GetUtcNow();
        if (_known.Of(token) is not { } known)
        {
            if (CallerTokens.Read(token) is not { } read || !_callers.TryGetValue(read.Name, out var caller) || !CallerTokens.IsSignedBy(caller, token))
            {
                return null;
            }

            known = new(caller, read.Expiry);
            if (now < known.Expiry)
            {
                _known.Keep(token, known);
            }
        }

        return (known.Caller, now < known.Expiry ? null : now - known.Expiry);
    }

    private sealed record Known(Caller Caller, DateTimeOffset Expiry);
}

internal static class CallerTokens
{
    private const char Between = '|';

    public static string Sign(Caller caller, DateTimeOffset expiry)
    {
        var claim = string.Create(CultureInfo.InvariantCulture, $"{caller.Name}{Between}{expiry.ToUnixTimeSeconds()}");
        return $"{claim}{Between}{Hmac(caller, claim)}";
    }

    /// <summary>What a token says, be it true or not; null when it has not the form of one.</summary>
    public static (string Name, DateTimeOffset Expiry)? Read(string token) =>
        token.Split(Between) is [var name, var expiry, _] && long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < MaxSeconds
            ? (name, DateTimeOffset.FromUnixTimeSeconds(seconds))
            : null;

    public static bool IsSignedBy(Caller caller, string token)
    {
        var end = token.LastIndexOf(Between);
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Hmac(caller, token[..end])), Encoding.UTF8.GetBytes(token[(end + 1)..]));
    }

    private static readonly long MaxSeconds = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private static string Hmac(Caller caller, string claim) => Convert.ToHexStringLower(HMACSHA256.HashData(caller.Key.Span, Encoding.UTF8.GetBytes(claim)));
}
