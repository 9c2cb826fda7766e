using System.Security.Cryptography;
using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Runs;
using Agora.Contracts;
using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.Models.Dialects;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Models;

/// <summary>
/// Replies that answer equal requests: of the same agent of the same user, to the same model as it is defined now, with the same bytes for its provider. Whoever wants one says how old it may be (Cache-Control: max-age, RFC 9111).
/// </summary>
internal sealed partial class ModelCache(RunSettings settings, IEntities entities, ModelCatalogue models, TimeProvider time, ILogger<ModelCache> log)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookAgainAtMost = TimeSpan.FromSeconds(1);

    private readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, settings.Secret.ToArray(), HMACSHA256.HashSizeInBytes, info: "agora/model-cache/v1"u8.ToArray());

    /// <param name="runId">Under way, and held: whoever has none leaves nothing here.</param>
    /// <returns>Null: none is wanted, or none is to be had of this model; or whoever calls it takes too long, or the store is away.</returns>
    public async Task<CacheLook?> Look(ModelCaller call, ModelRequest request, ServiceEntry model, Guid runId)
    {
        try
        {
            return await LookFor(call, request, model, runId);
        }
        catch (OperatingException e)
        {
            NotKept(log, runId, e);
            return null;
        }
    }

    private async Task<CacheLook?> LookFor(ModelCaller call, ModelRequest request, ServiceEntry model, Guid runId)
    {
        if (Wanted(call, request, model) is not { } maxAge) return null;
        if (BodyOf(call.Tenant, request, model) is not { } body || await call.Peek() is not { } session) return null;

        var id = CachedIds.Of(_key, session.UserId, SessionPaths.Agents(session), model.ServiceId, model.UpdatedAt, body.Span);
        var (entity, isCollapsed) = (entities.In(call.Tenant).Cached(id), false);
        var (started, pause, over) = (time.GetTimestamp(), LookAgain, 0);
        while (true)
        {
            var answer = await entity.Send(new CachedCommand.Claim(runId, call.SessionId, maxAge), call.Fresh());
            if (answer.Reply is not CachedView view) return null;
            if (view.RunId == runId) return view.FilledAt is null ? new CacheClaim(entity, runId, () => call.Fresh(), log) : null;
            if (view is { FilledAt: { } filled, Reply: { } reply })
            {
                return new CacheLook.Hit(id, view, StoredReply.Read(request.Kind, reply.Utf8.Span), call.Now - filled, isCollapsed);
            }

            if (call.Cancel.IsCancellationRequested) return new CacheLook.Left();
            if (time.GetElapsedTime(started) > Limits.CachedWait) return null;

            isCollapsed = true;
            await Task.Delay(pause, time);
            pause = pause + pause < LookAgainAtMost ? pause + pause : LookAgainAtMost;
            over = pause == LookAgainAtMost && !await OpenCalls.IsUnderWay(entities, call, view.SessionId, view.RunId) ? over + 1 : 0;
            if (over > 1)
            {
                await entity.Send(new CachedCommand.Release(view.RunId), call.Fresh()); // whoever called it is gone
            }
        }
    }

    /// <summary>In seconds; null: it does not say, or none is to be had.</summary>
    private static int? Wanted(ModelCaller call, ModelRequest request, ServiceEntry model) =>
        request.Background || request.Kind == ModelKind.Speech ? null : call.MaxAge(model.Definition.Model!.CacheSeconds);

    /// <summary>Null: its provider cannot do this, which whoever calls it is told.</summary>
    private ReadOnlyMemory<byte>? BodyOf(Tenant tenant, ModelRequest request, ServiceEntry model)
    {
        var offer = model.Definition.Model!;
        try
        {
            return models.Provider(tenant, model.Definition)?.BodyOf(request with { Stream = false }, offer.Name, request.MaxOutputTokens ?? offer.DefaultOutputTokens);
        }
        catch (DialectException)
        {
            return null;
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "Run {RunId}: its reply could not be kept for equal requests; they call the model themselves")]
    internal static partial void NotKept(ILogger log, Guid runId, Exception e);
}

/// <summary>Closed: what a request finds.</summary>
internal abstract class CacheLook
{
    private protected CacheLook()
    {
    }

    /// <summary>The id of the cache entry that has the reply or will have it. Null if there is none.</summary>
    public virtual string? Id => null;

    /// <summary>Whoever asked is gone, and waits no more.</summary>
    public sealed class Left : CacheLook;

    /// <summary>Another call's reply is the answer.</summary>
    public sealed class Hit(string id, CachedView from, ModelReply reply, TimeSpan age, bool isCollapsed) : CacheLook
    {
        public override string Id { get; } = id;

        public CachedView From { get; } = from;

        public ModelReply Reply { get; } = reply;

        public TimeSpan Age { get; } = age;

        /// <summary>It came while the model was being called.</summary>
        public bool IsCollapsed { get; } = isCollapsed;
    }
}

/// <summary>Nobody has asked this: whoever has it calls the model, and fills it. One that is not filled is released at its end, so that the next request calls.</summary>
internal sealed class CacheClaim(EntityRef<CachedCommand> entity, Guid runId, Func<CommandContext> fresh, ILogger log) : CacheLook, IAsyncDisposable
{
    private bool _isFilled;

    public override string Id { get; } = entity.Stream.Id;

    public async Task Fill(ModelReply reply, long costMicros)
    {
        if (StoredReply.Write(reply, Limits.CachedReplyBytes) is not { } said) return;

        _isFilled = await Sent(new CachedCommand.Fill(runId, costMicros, new(said)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_isFilled) return;

        await Sent(new CachedCommand.Release(runId));
    }

    /// <summary>The answer does not wait for the store: whoever waits for this finds out by itself that nobody calls any more.</summary>
    private async Task<bool> Sent(CachedCommand command)
    {
        try
        {
            await entity.Send(command, fresh());
            return true;
        }
        catch (OperatingException e)
        {
            ModelCache.NotKept(log, runId, e);
            return false;
        }
    }
}
