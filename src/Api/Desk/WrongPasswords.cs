using Agora.Core.Kernel;

namespace Agora.Api.Desk;

/// <summary>
/// Slows guesses at one name, from however many addresses they come: after <see cref="Limits.WrongPasswordsAtOnce"/> wrong ones the next is not looked at before a wait, which doubles from a second up to
/// <see cref="Limits.WrongPasswordWait"/>. Whoever guesses all the time keeps the name's owner waiting as well; a key or an issuer still lets the owner in. Of each process; memory: <see cref="Limits.WrongPasswordNames"/> names.
/// </summary>
internal sealed class WrongPasswords(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Count> _counts = new(StringComparer.Ordinal);

    /// <returns>Null: the name may be tried now.</returns>
    public Rejection? Wait(string name)
    {
        lock (_gate)
        {
            if (!_counts.TryGetValue(Of(name), out var count) || count.Until <= time.GetUtcNow()) return null;

            var seconds = (long)Math.Ceiling((count.Until - time.GetUtcNow()).TotalSeconds);
            return new(Codes.RateLimited, $"Too many wrong passwords were tried for this name. Wait {seconds} s.", RetryAfterSeconds: seconds);
        }
    }

    public void Wrong(string name)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (_counts.Count >= Limits.WrongPasswordNames && !_counts.ContainsKey(name))
            {
                foreach (var old in _counts.Where(one => one.Value.Last + Limits.WrongPasswordsKept <= now).Select(static one => one.Key).ToList()) _counts.Remove(old);
            }

            var wrong = _counts.TryGetValue(Of(name), out var count) && now < count.Last + Limits.WrongPasswordsKept ? count.Wrong + 1 : 1;
            var over = wrong - Limits.WrongPasswordsAtOnce;
            var wait = over < 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(over, 10)), Limits.WrongPasswordWait.TotalSeconds));
            _counts[Of(name)] = new(wrong, now, now + wait);
        }
    }

    public void Right(string name)
    {
        lock (_gate) _counts.Remove(name);
    }

    // Where there are too many, made-up names share few counts: they gain nothing, and known ones are told apart still.
    private string Of(string name) => _counts.ContainsKey(name) || _counts.Count < Limits.WrongPasswordNames ? name : $"\n{(uint)string.GetHashCode(name, StringComparison.Ordinal) % 64}";

    private readonly record struct Count(int Wrong, DateTimeOffset Last, DateTimeOffset Until);
}
