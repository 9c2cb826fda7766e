using System.Net;
using Agora.Core.Kernel;
using Microsoft.Extensions.Logging;

namespace Agora.Web;

/// <summary>
/// Slows whoever presents wrong operators' or platform keys, and says so in the log. A right key is compared first and never waits, whatever came
/// from its address before: nobody can lock its holder out. A wrong one is answered at once a few times a minute and address (somebody
/// mistypes), then after a wait, and where too many wait already with 429 and the end of the connection.
/// <para>Memory: <see cref="Limits.WrongKeyAddresses"/> addresses, forgotten together each minute; any further one waits from its first wrong key
/// on, so making up addresses gains nothing. The log: an address' 1st, 2nd, 4th, 8th … of a minute, and <see cref="Limits.WrongKeyLines"/> lines.</para>
/// </summary>
internal sealed partial class WrongKeys(TimeProvider time, ILogger<WrongKeys> log)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly Rejection TooMany = new(Codes.RateLimited, "Too many wrong keys, codes or passwords came from this address. Wait a minute.", RetryAfterSeconds: (long)Window.TotalSeconds);

    private readonly Lock _gate = new();
    private readonly Source _others = new();
    private Dictionary<IPAddress, Source> _sources = [];
    private DateTimeOffset _until;
    private int _waiting;
    private int _lines;

    private sealed class Source
    {
        public int Wrong { get; set; }

        public int Waiting { get; set; }
    }

    private enum Pace
    {
        AtOnce,
        AfterAWait,
        NotAtAll,
    }

    /// <summary>For a credential that opens nothing: whatever may be a guess is slowed.</summary>
    public async ValueTask<Rejection> Refuse(Request request, string kind, string presented, RequiredCredential required) =>
        Credentials.IsGuess(presented) ? await Refuse(request, kind, required.For(presented)) : required.For(presented);

    /// <param name="kind">Of the key that was wanted; server text, for the log.</param>
    /// <returns><paramref name="unauthorized"/>, or what stands for it where there are too many.</returns>
    public async Task<Rejection> Refuse(Request request, string kind, Rejection unauthorized)
    {
        var address = request.From ?? IPAddress.None;
        var (pace, source) = Count(address, kind, request.Route);
        if (pace == Pace.NotAtAll)
        {
            request.CloseConnection(); // the next try costs a connection
            return TooMany;
        }

        if (pace == Pace.AfterAWait)
        {
            try
            {
                await Task.Delay(Limits.WrongKeyWait, time, request.Ended);
            }
            finally
            {
                lock (_gate)
                {
                    source.Waiting--;
                    _waiting--;
                }
            }
        }

        return unauthorized;
    }

    private (Pace Pace, Source Source) Count(IPAddress address, string kind, string route)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now >= _until)
            {
                (_sources, _until, _lines) = ([], now + Window, 0);
                _others.Wrong = 0;
            }

            var source = SourceOf(address);
            source.Wrong++;
            Log(source, address, kind, route);
            if (source != _others && source.Wrong <= Limits.WrongKeysAtOnce) return (Pace.AtOnce, source);
            if (_waiting >= Limits.WrongKeysWaiting || source.Waiting >= Limits.WrongKeysWaitingOfOne) return (Pace.NotAtAll, source);

            _waiting++;
            source.Waiting++;
            return (Pace.AfterAWait, source);
        }
    }

    private Source SourceOf(IPAddress address)
    {
        var key = ClientAddress.NetworkOf(address);
        if (_sources.TryGetValue(key, out var source)) return source;

        return _sources.Count < Limits.WrongKeyAddresses ? _sources[key] = new() : _others;
    }

    private void Log(Source source, IPAddress address, string kind, string route)
    {
        if (!int.IsPow2(source.Wrong) || _lines > Limits.WrongKeyLines) return;

        if (_lines++ == Limits.WrongKeyLines)
        {
            TooManyToLog(log);
        }
        else
        {
            Wrong(log, kind, address, route, source.Wrong);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "A wrong {Kind} key from {Address} at {Route}: {Count} in this minute")]
    private static partial void Wrong(ILogger log, string kind, IPAddress address, string route, int count);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "Wrong keys come from many addresses; no more of them are logged in this minute")]
    private static partial void TooManyToLog(ILogger log);
}
