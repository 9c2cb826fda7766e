using System.Net;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Desk;

/// <summary>
/// Slows guesses at a name. From one address: after <see cref="Limits.WrongPasswordsAtOnce"/> wrong ones the next is not looked at before a wait, which doubles from a second up to <see cref="Limits.WrongPasswordWait"/>.
/// From all together: <see cref="Limits.WrongPasswordsOfAll"/>, and one more each <see cref="Limits.WrongPasswordEvery"/>, which one address alone does not come to. So whoever guesses from elsewhere does not keep the
/// name's owner waiting, as long as it has not several addresses; a key or an issuer lets the owner in even then. A try counts as wrong from its beginning, so those that come together are not all looked at.
/// <para>Names that are not there are counted as those that are, in places that a hash of this process chooses: nobody learns which are there, and making up names clears nothing. What shares a place waits together.</para>
/// <para>Of each process. Memory: <see cref="Limits.WrongPasswordPlaces"/> places of each kind.</para>
/// </summary>
internal sealed class WrongPasswords(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Count[] _ofOne = new Count[Limits.WrongPasswordPlaces];
    private readonly DateTimeOffset[] _ofAll = new DateTimeOffset[Limits.WrongPasswordPlaces]; // when it is as if none had come, by the generic cell rate algorithm

    /// <returns>Null: the name is tried now, and that has its end in <see cref="Right"/> or <see cref="NotLookedAt"/>, or was wrong.</returns>
    public Rejection? Begin(PersonName name, IPAddress? address)
    {
        lock (_gate)
        {
            var (now, count) = (time.GetUtcNow(), CountOf(name, address));
            var (known, all) = (now < count.Last + Limits.WrongPasswordsKept ? count : default, PlaceOf(name));
            var free = _ofAll[all] < now ? now : _ofAll[all];
            var wait = Later(known.Until - now, free - now - ((Limits.WrongPasswordsOfAll - 1) * Limits.WrongPasswordEvery));
            if (wait > TimeSpan.Zero)
            {
                var seconds = (long)Math.Ceiling(wait.TotalSeconds);
                return new(Codes.RateLimited, $"Too many wrong passwords were tried for this name. Wait {seconds} s.", RetryAfterSeconds: seconds);
            }

            var over = known.Wrong + 1 - Limits.WrongPasswordsAtOnce;
            var next = over < 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(over, 10)), Limits.WrongPasswordWait.TotalSeconds));
            CountOf(name, address) = new(known.Wrong + 1, now, now + next);
            _ofAll[all] = free + Limits.WrongPasswordEvery;
            return null;
        }
    }

    public void Right(PersonName name, IPAddress? address)
    {
        lock (_gate) CountOf(name, address) = default;
    }

    /// <summary>There was no time to look at it.</summary>
    public void NotLookedAt(PersonName name, IPAddress? address)
    {
        lock (_gate)
        {
            ref var count = ref CountOf(name, address);
            count = count with { Wrong = Math.Max(0, count.Wrong - 1), Until = default };
            _ofAll[PlaceOf(name)] -= Limits.WrongPasswordEvery;
        }
    }

    private ref Count CountOf(PersonName name, IPAddress? address) => ref _ofOne[Place(HashCode.Combine(name.Tenant.Name, name.Id, ClientAddress.NetworkOf(address)))];

    private static int PlaceOf(PersonName name) => Place(HashCode.Combine(name.Tenant.Name, name.Id));

    private static int Place(int hash) => (int)(unchecked((uint)hash) % Limits.WrongPasswordPlaces);

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private readonly record struct Count(int Wrong, DateTimeOffset Last, DateTimeOffset Until);
}
