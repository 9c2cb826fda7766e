using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Desk;

/// <summary>
/// Passwords as they are kept: PBKDF2 with HMAC-SHA512 (RFC 8018 section 5.2), written as a PHC string, <c>$pbkdf2-sha512$i={rounds}${salt}${hash}</c>. Each takes a processor for a tenth of a second or two,
/// so a process works at <see cref="Limits.PasswordsAtOnce"/> at once, of an address few wait, and neither money nor other people are kept waiting by whoever guesses.
/// </summary>
internal sealed class Passwords : IDisposable
{
    private const string Form = "pbkdf2-sha512";
    private const int SaltBytes = 16, HashBytes = 32;
    internal static readonly Rejection Busy = new(Codes.Unavailable, "Too many people sign in at this moment. Try again in a moment.", RetryAfterSeconds: 1, Retry: true);

    // Compared with where there is no other, so that the time does not say which names there are.
    private static readonly string Nobodys = Text(new byte[SaltBytes], new byte[HashBytes]);

    private readonly SemaphoreSlim _turns = new(Limits.PasswordsAtOnce);
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, int> _here = [];

    /// <returns>Why it is no password to choose (NIST SP 800-63B section 3.1.1.2); null: it is one.</returns>
    public static Rejection? Refusal(string password, string name) =>
        password.Length is < Limits.PasswordLeast or > Limits.PasswordMost ? Refused($"A password has {Limits.PasswordLeast} to {Limits.PasswordMost} characters.")
        : password.Distinct().Count() < Limits.PasswordDistinct ? Refused($"A password has at least {Limits.PasswordDistinct} different characters.")
        : password.Contains(name, StringComparison.OrdinalIgnoreCase) ? Refused("A password does not contain the name.")
        : null;

    /// <summary>Hashes a new password of a person who has proved a code or a password.</summary>
    public Task<(string? Kept, Rejection? Refused)> Keep(HttpContext http, string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return InTurn(http, Acquaintance.Address, () => Text(salt, Derive(password, salt, Limits.PasswordRounds)));
    }

    /// <param name="kept">Null: there is none, and nothing is right.</param>
    /// <param name="known">Fewer places are open to people who have not signed in before.</param>
    public async Task<(bool IsRight, Rejection? Refused)> Compare(HttpContext http, Acquaintance known, string password, string? kept)
    {
        var (right, refused) = await InTurn(http, known, () => Matches(password, kept ?? Nobodys) ? "" : null);
        return (right is not null && kept is not null, refused);
    }

    public void Dispose() => _turns.Dispose();

    private static Rejection Refused(string message) => Findings.Invalid("/password", "pattern", message);

    private static bool Matches(string password, string kept)
    {
        var parts = kept.Split('$');
        var rounds = int.Parse(parts[2].AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture);
        return password.Length <= Limits.PasswordMost && CryptographicOperations.FixedTimeEquals(Derive(password, Convert.FromBase64String(parts[3]), rounds), Convert.FromBase64String(parts[4]));
    }

    private static byte[] Derive(string password, byte[] salt, int rounds) => Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA512, HashBytes);

    private static string Text(byte[] salt, byte[] hash) =>
        string.Create(CultureInfo.InvariantCulture, $"${Form}$i={Limits.PasswordRounds}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");

    private async Task<(T? Made, Rejection? Refused)> InTurn<T>(HttpContext http, Acquaintance known, Func<T?> work)
        where T : class
    {
        var from = ClientAddress.NetworkOf(http.Connection.RemoteIpAddress);
        if (!Come(from, known)) return (null, Busy);

        try
        {
            await _turns.WaitAsync(http.RequestAborted);
            try
            {
                return (await Task.Run(work, CancellationToken.None), null);
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Leave(from);
        }
    }

    private bool Come(IPAddress from, Acquaintance known)
    {
        var waiting = known switch { Acquaintance.Address => Limits.PasswordsWaiting, Acquaintance.Name => Limits.PasswordsWaitingElsewhere, _ => Limits.PasswordsWaitingUnknown };
        lock (_gate)
        {
            var own = _here.GetValueOrDefault(from);
            if (own >= Limits.PasswordsOfOne || _here.Values.Sum() >= Limits.PasswordsAtOnce + waiting) return false;

            _here[from] = own + 1;
            return true;
        }
    }

    private void Leave(IPAddress from)
    {
        lock (_gate)
        {
            if (--_here[from] == 0)
            {
                _here.Remove(from);
            }
        }
    }
}
