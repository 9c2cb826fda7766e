using System.Collections.Concurrent;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Upstreams;
using Agora.Outbound;

namespace Agora.Grains.Upstreams;

/// <summary>
/// Has tools of upstreams run. What an operator has not approved as the service has it is not called, whatever a catalogue still says: the upstream's stream is asked, and what it said is used for
/// <see cref="FreshFor"/> at most, longer only where it cannot be reached.
/// </summary>
public sealed class ToolCaller(IEntities entities, IToolServers servers, RunProgress progress, TimeProvider time)
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>Nothing was sent: what was approved is not there any more.</summary>
    private static readonly OutboundResult.Failed NotApproved = new(OutboundFailure.Refused, null, 0);

    private readonly ConcurrentDictionary<StreamId, (UpstreamAccess Access, long ReadAt)> _known = new();

    public async Task<OutboundResult> Call(Tenant tenant, ToolOf tool, ServiceCall call, TimeSpan timeout, string? trace, CancellationToken unwanted, TakeRoom? room = null)
    {
        var (upstream, started) = (tenant.Upstream(tool.UpstreamId), time.GetTimestamp());
        if (await Access(upstream, call) is not { } access || access.Callable.FirstOrDefault(one => one.Name == tool.Name && one.Hash == tool.Hash) is not { } callable)
        {
            return NotApproved;
        }

        var left = call.Deadline - time.GetElapsedTime(started);
        if (left <= TimeSpan.Zero) return new OutboundResult.Failed(OutboundFailure.Timeout, null, 0);

        var (result, changed) = await servers.Call(upstream, access, new(
            tool.Name, call.Body, call.RunId, callable.MayRepeat, new(call.UserId, call.AgentId, tenant.Name), trace, timeout < left ? timeout : left, left, progress.Of(call.RunId), unwanted) { Mirrored = callable.Mirrored, Room = room });
        if (changed)
        {
            _ = Tell(upstream, call.RunId);
        }

        return result;
    }

    // The run does not wait for it, and nothing is lost where it fails: lists are read again and again.
    private async Task Tell(StreamId upstream, Guid runId)
    {
        try
        {
            await entities.Of<UpstreamCommand>(upstream).Send(new UpstreamCommand.Heard(), New(runId));
        }
        catch (Exception e) when (e is OperatingException or TimeoutException)
        {
            _known.TryRemove(upstream, out _);
        }
    }

    private async Task<UpstreamAccess?> Access(StreamId upstream, ServiceCall call)
    {
        var isKnown = _known.TryGetValue(upstream, out var known);
        if (isKnown && time.GetElapsedTime(known.ReadAt) < FreshFor) return known.Access;

        try
        {
            return await Ask(upstream, call.RunId).WaitAsync(isKnown ? FreshFor : call.Deadline / 2, time);
        }
        catch (Exception e) when (isKnown && e is OperatingException or TimeoutException)
        {
            return known.Access;
        }
    }

    /// <summary>What it says is remembered also where nobody waited for it any more: who is slow would else never be heard, and what was said long before be gone by.</summary>
    private async Task<UpstreamAccess?> Ask(StreamId upstream, Guid runId)
    {
        var readAt = time.GetTimestamp();
        if ((await entities.Of<UpstreamCommand>(upstream).Send(new UpstreamCommand.GetAccess(), New(runId))).Reply is not UpstreamAccess access)
        {
            _known.TryRemove(upstream, out _);
            return null;
        }

        return _known.AddOrUpdate(upstream, (access, readAt), (_, known) => known.ReadAt > readAt ? known : (access, readAt)).Access;
    }

    private CommandContext New(Guid runId) => new(Ids.Derive(time.GetUtcNow(), runId, Interlocked.Increment(ref _sent)), IsStep: true);

    private int _sent;
}
