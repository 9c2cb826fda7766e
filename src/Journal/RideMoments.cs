namespace Agora.Journal;

/// <summary>
/// When streams' rides leave, as moments counted from any start. A stream leaves at the last moment that it may, unless far more leave then than at others: what all at once began to ride leaves spread, for otherwise
/// it would keep leaving all at once, and who comes behind it would wait for all of it, or find no room (<see cref="GroupCommitter.HasRoom"/>).
/// </summary>
/// <param name="few">So many may leave at one moment whatever leaves at others.</param>
internal sealed class RideMoments(int few)
{
    private readonly Dictionary<long, int> _at = [];
    private int _all;

    /// <returns>The latest moment from <paramref name="first"/> to <paramref name="last"/> at which fewer than <c>few</c>, or than twice as many as at the mean one, leave; the stream is counted there.</returns>
    public long Take(long first, long last)
    {
        var most = Math.Max(few, 2 * _all / Math.Max(1, last - first + 1));
        var at = last;
        while (at > first && At(at) >= most) at--;
        if (At(at) >= most)
        {
            at = last;
        }

        _at[at] = At(at) + 1;
        _all++;
        return at;
    }

    /// <summary>A stream's rides leave, then or earlier.</summary>
    public void Leave(long at)
    {
        _all--;
        if (--_at[at] == 0)
        {
            _at.Remove(at);
        }
    }

    private int At(long moment) => _at.GetValueOrDefault(moment);
}
