using Agora.Contracts;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Messaging;

namespace Agora.Client;

/// <summary>
/// What a client has under way when a silo dies. Silos break their calls to a dead member; a client's calls pass through a gateway, which forgets them, so
/// they would hang until the call timeout. A call that is under way when a member has left the list of gateways is sent again, as the same
/// command: wherever the first one got to, it is decided once, and whichever answer comes first is the answer.
/// <para>It stands between Orleans' gateway manager, which reads the list each <see cref="Limits.GatewaysReadEvery"/>, and the provider of the list. Calls are sent again twice: when a reading shows that a member is gone, and at the
/// next one, for only by then the manager is certain to have given up the gateway of a silo that hangs, whose connections are open and may have swallowed what was sent before.</para>
/// </summary>
internal sealed partial class LostSilos(IGatewayListProvider members, ILogger<LostSilos> log) : IGatewayListProvider
{
    private readonly Lock _gate = new();
    private HashSet<Uri> _seen = [];
    private bool _wasLost;
    private CancellationTokenSource _lost = new();

    /// <summary>Takes the place of the provider that the client has registered.</summary>
    public static void Use(IServiceCollection services)
    {
        var own = services.Last(static service => service.ServiceType == typeof(IGatewayListProvider));
        services.Remove(own);
        services.AddSingleton(provider => new LostSilos((IGatewayListProvider)ActivatorUtilities.CreateInstance(provider, own.ImplementationType!), provider.GetRequiredService<ILogger<LostSilos>>()));
        services.AddSingleton<IGatewayListProvider>(static provider => provider.GetRequiredService<LostSilos>());
    }

    /// <inheritdoc cref="Limits.GatewayAvoidedFor"/>
    public TimeSpan MaxStaleness => Limits.GatewayAvoidedFor;

    [Obsolete("Orleans reads it nowhere.")]
    public bool IsUpdatable => true;

    public Task InitializeGatewayListProvider() => members.InitializeGatewayListProvider();

    /// <summary>Those who are members now; while they cannot be read, those who were last.</summary>
    public async Task<IList<Uri>> GetGateways()
    {
        IList<Uri> now;
        try
        {
            now = await members.GetGateways();
        }
        catch (Exception e) when (_seen.Count > 0)
        {
            NotRead(log, e.Message);
            return [.. _seen];
        }

        bool isLost;
        lock (_gate)
        {
            var isGone = _seen.Any(member => !now.Contains(member));
            isLost = isGone || _wasLost;
            (_seen, _wasLost) = ([.. now], isGone);
        }

        if (isLost)
        {
            await Interlocked.Exchange(ref _lost, new()).CancelAsync(); // not disposed: a call may be about to take its token
        }

        return now;
    }

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
