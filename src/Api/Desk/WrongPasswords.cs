using Agora.Core.Kernel;

namespace Agora.Api.Desk;

/// <summary>
/// Slows guesses at one name, from however many addresses they come: after <see cref="Limits.WrongPasswordsAtOnce"/> wrong ones the next is not looked at before a wait, which doubles from a second up to
/// <see cref="Limits.WrongPasswordWait"/>. A try counts as wrong from its beginning, so those that come together are not all looked at. Whoever guesses all the time keeps the name's owner waiting as well; a key or
/// an issuer still lets the owner in. Names that are not there are slowed alike, so nobody learns which are, and apart: however many are made up, counts of those that are there stay.
/// <para>Of each process. Memory: twice <see cref="Limits.WrongPasswordNames"/> names; with one more than so many, those of its kind begin anew.</para>
/// </summary>
internal sealed class WrongPasswords(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PersonName, Count> _there = [], _madeUp = [];

    /// <returns>Null: the name is tried now, and that has its end in <see cref="Right"/> or <see cref="NotLookedAt"/>, or was wrong.</returns>
    public Rejection? Begin(PersonName name, bool isThere)
    {
        lock (_gate)
        {
            var (counts, now) = (isThere ? _there : _madeUp, time.GetUtcNow());
            var count = counts.TryGetValue(name, out var kept) && now < kept.Last + Limits.WrongPasswordsKept ? kept : default;
            if (now < count.Until)
            {
                var seconds = (long)Math.Ceiling((count.Until - now).TotalSeconds);
                return new(Codes.RateLimited, $"Too many wrong passwords were tried for this name. Wait {seconds} s.", RetryAfterSeconds: seconds);
            }

            if (counts.Count >= Limits.WrongPasswordNames && !counts.ContainsKey(name))
            {
                counts.Clear();
            }

            var over = count.Wrong + 1 - Limits.WrongPasswordsAtOnce;
            var wait = over < 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(over, 10)), Limits.WrongPasswordWait.TotalSeconds));
            counts[name] = new(count.Wrong + 1, now, now + wait);
            return null;
        }
    }

    public void Right(PersonName name)
    {
        lock (_gate) _there.Remove(name);
    }

    /// <summary>There was no time to look at it.</summary>
    public void NotLookedAt(PersonName name, bool isThere)
    {
        lock (_gate)
        {
            var counts = isThere ? _there : _madeUp;
            if (counts.TryGetValue(name, out var count))
            {
                counts[name] = count with { Wrong = count.Wrong - 1, Until = default };
            }
        }
    }

    private readonly record struct Count(int Wrong, DateTimeOffset Last, DateTimeOffset Until);
}
