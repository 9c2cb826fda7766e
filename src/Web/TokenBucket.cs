namespace Agora.Web;

/// <summary>
/// So many a minute, and as many at once after a quiet minute. Kept as the time at which all of it would be full again (the generic cell rate algorithm, ITU-T I.371), so each is counted
/// exactly and nothing has to be filled. Soft, and of one process.
/// </summary>
internal sealed class TokenBucket(int perMinute, TimeProvider time)
{
    private static readonly TimeSpan Full = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly TimeSpan _each = Full / perMinute;
    private DateTimeOffset _fullAt;

    /// <returns>Null: one was taken. Else how long until there is one.</returns>
    public TimeSpan? Take()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var fullAt = (_fullAt > now && _fullAt - now <= Full ? _fullAt : now) + _each; // further away: the clock was put back
            if (fullAt - now > Full) return fullAt - now - Full;

            _fullAt = fullAt;
            return null;
        }
    }
}
