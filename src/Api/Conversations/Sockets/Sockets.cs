using System.Collections.Concurrent;
using Agora.Application.Conversations;
using Agora.Core.Conversations;
using Agora.Hosting;
using Agora.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Agora.Api.Conversations.Sockets;

/// <summary>All WebSockets of this process: looked after once a second, and closed when the process is told to end.</summary>
internal sealed class Sockets(SocketCalls calls, BodyPlaces places, CredentialChanges changes, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<Sockets> log) : BackgroundWork, IInboxSockets
{
    private const int LooksAtOnce = 16;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly IReadOnlyList<IFrames> Protocols = [new JsonFrames(), new ProtobufFrames()];
    private readonly ConcurrentDictionary<InboxSocket, ValueTuple> _all = new();

    /// <summary>Signs of life are the web server's: who does not answer its ping is cut off.</summary>
    public static WebSocketOptions Options => new() { KeepAliveInterval = TalkLimits.PingEvery, KeepAliveTimeout = TalkLimits.PongWithin };

    /// <param name="wanted">One of which is spoken.</param>
    public Reply Open(PeerCall call, IList<string> wanted, InboxListener listener)
    {
        if (Protocols.FirstOrDefault(frames => wanted.Contains(frames.Protocol)) is not { } spoken) return Reply.Refused(InboxProtocols.None);

        var tenant = call.Tenant;
        return Reply.Upgraded(spoken.Protocol, async (request, web) =>
        {
            request.Connection = new();
            var socket = new InboxSocket(web, spoken, ParentRequest.Of(request), tenant, request.Owner, listener, calls, places, time);
            _all.TryAdd(socket, default);
            try
            {
                if (lifetime.ApplicationStopping.IsCancellationRequested)
                {
                    socket.End(SocketEnd.GoingAway);
                }

                await socket.Serve();
            }
            finally
            {
                _all.TryRemove(socket, out _);
            }
        });
    }

    protected override TimeProvider Time => time;

    protected override ILogger Log => log;

    protected override async Task Work(CancellationToken stoppingToken)
    {
        await using var ends = lifetime.ApplicationStopping.Register(() =>
        {
            foreach (var socket in _all.Keys) socket.End(SocketEnd.GoingAway);
        });
        using var timer = new PeriodicTimer(LookEvery, time);
        var looks = Task.CompletedTask;
        for (var looked = time.GetTimestamp(); await timer.WaitForNextTickAsync(stoppingToken);)
        {
            foreach (var (socket, _) in _all) socket.Look();
            if (!looks.IsCompleted || time.GetElapsedTime(looked) < TalkLimits.CredentialEvery) continue; // one that hangs keeps no connection open that is late

            await looks;
            looked = time.GetTimestamp();
            looks = LookAtCredentials(stoppingToken);
        }
    }

    /// <summary>Those that may have changed. Whoever came since the last time is among them, for no stream is watched for it yet.</summary>
    private async Task LookAtCredentials(CancellationToken cancel)
    {
        var resting = _all.Keys.Select(socket => (Socket: socket, Streams: socket.RestsOn)).ToList();
        var moved = await changes.Since([.. resting.SelectMany(one => one.Streams ?? []).Distinct()], cancel);
        var changed = resting.Where(one => one.Streams?.Any(moved) is not false).Select(one => one.Socket);
        await Parallel.ForEachAsync(changed, new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancel }, static (socket, _) => new(socket.LookAtCredential()));
    }
}
