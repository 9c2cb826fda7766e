using System.Security.Cryptography;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Grains.Payments;
using Agora.Grains.Services;
using Agora.Grains.Upstreams;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Journal.Personal;
using Agora.Outbound;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests;

/// <summary>What the grains of one process touch, in every test that starts them over a journal. All share a master key, as processes on one database do.</summary>
internal static class ProcessPorts
{
    private static readonly byte[] MasterKey = new byte[32];

    /// <param name="facilitator">Null: payments by x402 are not taken.</param>
    /// <param name="tools">Null: no upstream is called.</param>
    /// <param name="post">Null: no endpoint is told anything.</param>
    /// <param name="inboxes">Null: nor is any agent its inbox.</param>
    public static EntityPorts Of(IJournal journal, GroupCommitter committer, IEntityCalls calls, IServiceCaller services, TimeProvider time, IFacilitator? facilitator = null, IWebhookPost? post = null, IToolServers? tools = null, IInboxPages? inboxes = null)
    {
        var entities = new Entities(calls);
        var times = new TenantTimes(entities, time, alone: true);
        var keys = new PersonalKeys(journal, MasterKey, RandomNumberGenerator.Fill, time);
        return new(
            journal,
            committer,
            keys,
            new SnapshotCodes(MasterKey),
            OutsideHandlers.Runner(entities, journal, new OfTests(services, new(entities, new NothingLeaves(), times, NullLogger<ServiceCaller>.Instance)), times, facilitator, new(entities, journal, journal, keys, post, times), tools is null ? null : new(entities, tools, time), inboxes is null ? null : new(entities, inboxes, post, times)),
            time,
            NullLogger.Instance,
            () => Guid.CreateVersion7(time.GetUtcNow())) { Times = times };
    }

    /// <summary>In tenants for tests services answer as they do in the product; elsewhere as the test plays them.</summary>
    private sealed class OfTests(IServiceCaller played, ServiceCaller real) : IServiceCaller
    {
        public Task<StepOutcome> Call(Tenant tenant, ServiceCall call, string? trace) => (tenant.IsTest ? real : played).Call(tenant, call, trace);

        public Task Cancel(Tenant tenant, ServiceCancel cancelled, string? trace) => (tenant.IsTest ? real : played).Cancel(tenant, cancelled, trace);
    }

    private sealed class NothingLeaves : IOutbound
    {
        public Task<OutboundResult> Call(OutboundCall call, CancellationToken cancellation) => throw new InvalidOperationException($"{call.Endpoint} was called.");
    }
}
