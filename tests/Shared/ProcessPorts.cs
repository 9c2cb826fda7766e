using System.Security.Cryptography;
using Agora.Contracts;
using Agora.Grains.Kernel;
using Agora.Grains.Payments;
using Agora.Grains.Services;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Journal.Personal;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace Agora.Grains.Tests;

/// <summary>What the grains of one process touch, in every test that starts them over a journal. All share a master key, as processes on one database do.</summary>
internal static class ProcessPorts
{
    private static readonly byte[] MasterKey = new byte[32];

    /// <param name="facilitator">Null: payments by x402 are not taken.</param>
    /// <param name="post">Null: no endpoint is told anything.</param>
    public static EntityPorts Of(IJournal journal, GroupCommitter committer, IGrainFactory grains, IServiceCaller services, TimeProvider time, IFacilitator? facilitator = null, IWebhookPost? post = null)
    {
        var keys = new PersonalKeys(journal, MasterKey, RandomNumberGenerator.Fill, time);
        return new(
            journal,
            committer,
            keys,
            new SnapshotCodes(MasterKey),
            OutsideHandlers.Runner(new Entities(grains), journal, services, time, facilitator, new(new Entities(grains), journal, journal, keys, post, time)),
            time,
            NullLogger.Instance,
            () => Guid.CreateVersion7(time.GetUtcNow()));
    }
}
