using Agora.Contracts;
using Agora.Core.Kernel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Messaging;

namespace Agora.Client;

/// <summary>
/// What a client has under way when a silo dies. Silos break their calls to a dead member; a client's calls pass through a gateway, which forgets them, so
/// they would hang until the call timeout. A call that is under way when a member has left the cluster's table is sent again, as the same
/// command: wherever the first one got to, it is decided once, and whichever answer comes first is the answer.
/// </summary>
internal sealed partial class LostSilos(IGatewayListProvider members, TimeProvider time, ILogger<LostSilos> log) : BackgroundService
{
    private CancellationTokenSource _lost = new();

    public async Task<Envelope> Ask(Func<Task<Envelope>> send)
    {
        List<Task<Envelope>> sent = [];
        while (true)
        {
            var lost = Volatile.Read(ref _lost).Token;
            sent.Add(send());
            try
            {
                return await (sent.Count == 1 ? sent[0] : Answer([.. sent])).WaitAsync(lost);
            }
            catch (OperationCanceledException) when (lost.IsCancellationRequested)
            {
                // Sent again.
            }
        }
    }

    /// <summary>Looks once: calls under way are sent again when a member is gone that was there before.</summary>
    /// <returns>The members, to compare the next look with.</returns>
    internal async Task<HashSet<Uri>> Look(HashSet<Uri> before)
    {
        HashSet<Uri> now = [.. await members.GetGateways()];
        if (before.Any(member => !now.Contains(member)))
        {
            using var lost = Interlocked.Exchange(ref _lost, new());
            await lost.CancelAsync();
        }

        return now;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Limits.MembersReadEvery, time);
        HashSet<Uri> seen = [];
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                seen = await Look(seen);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away: who was there last is compared with the next look that succeeds.
                NotRead(log, e.Message);
            }
        }
    }

    // One that fails leaves it to the others: the first may be under way in a silo that lives, the second may have come too early for its new place.
    private static async Task<Envelope> Answer(List<Task<Envelope>> sent)
    {
        var done = await Task.WhenAny(sent);
        while (!done.IsCompletedSuccessfully && sent.Count > 1)
        {
            sent.Remove(done);
            done = await Task.WhenAny(sent);
        }

        return await done;
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "The cluster's members could not be read: {Why}")]
    private static partial void NotRead(ILogger log, string why);
}
