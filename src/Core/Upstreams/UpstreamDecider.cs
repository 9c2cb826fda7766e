using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Upstreams.UpstreamState, Agora.Core.Upstreams.UpstreamEvent>;

namespace Agora.Core.Upstreams;

/// <summary>
/// An upstream: a server of tools, each of which agents run as a service.
/// <para>Rules. A definition is absolute; the same one again changes nothing. What the upstream offers is recorded, and nothing follows from it but that a tool that is another than the approved one is taken
/// away. Only an operator's approval of exactly what is offered gives a tool a service, or gives it back. A tool that was taken away comes back by itself only as it was approved.</para>
/// <para>How lists are read and services follow is decided in UpstreamDecider.Following.cs.</para>
/// </summary>
public static partial class UpstreamDecider
{
    public static Decided Decide(UpstreamState state, UpstreamCommand command, Context context) => command switch
    {
        UpstreamCommand.Put c => Put(state, c, context),
        UpstreamCommand.Delete => Delete(state, context),
        UpstreamCommand.Get => state.Definition is { } definition ? Decided.Query(state.View(definition)) : Decided.Reject(UpstreamRejection.NotFound),
        UpstreamCommand.GetTools => state.Definition is null ? Decided.Reject(UpstreamRejection.NotFound) : Decided.Query(new UpstreamTools(state.Stream.Id, [.. state.Tools.Values.Select(kept => kept.Tool)])),
        UpstreamCommand.GetAccess => GetAccess(state),
        UpstreamCommand.Approve c => Approve(state, c, context),
        UpstreamCommand.Refresh => Refresh(state, context),
        UpstreamCommand.Heard => Heard(state, context),
        UpstreamCommand.ListDone c => ListDone(state, c, context),
        UpstreamCommand.Published c => Published(state, c),
        UpstreamCommand.Tick => Decided.NoChange,
        _ => throw new UnreachableException(),
    };

    private static Decided Put(UpstreamState state, UpstreamCommand.Put c, Context context)
    {
        var (known, definition) = (state.Definition is { } before ? state.View(before) : null, c.Definition);
        var secret = c.Secret ?? (definition.AuthHeader is null ? null : state.Secret);
        if (c.Replacing?.If?.Refusal(known?.Etag) is { } failed) return Decided.Reject(failed);
        if (!Money.InRange(definition.PriceMicros) || definition.Tools?.Any(tool => tool.PriceMicros is { } price && !Money.InRange(price)) == true)
        {
            return Decided.Reject(UpstreamRejection.PriceOutOfRange);
        }

        if (definition.TimeoutMs is < 1 or > Limits.ServiceTimeoutMs) return Decided.Reject(UpstreamRejection.TimeoutOutOfRange);
        if (definition.Urls is null == definition.Command is null) return Decided.Reject(UpstreamRejection.WhereFromMissing);
        if (definition.Command is not null && (secret is not null || definition.AuthHeader is not null))
        {
            return Decided.Reject(UpstreamRejection.SecretOfACommand);
        }

        if (secret is not null && definition.AuthHeader is null) return Decided.Reject(UpstreamRejection.SecretWithoutHeader);
        if (secret is null && definition.AuthHeader is not null) return Decided.Reject(UpstreamRejection.HeaderWithoutSecret);
        if (c.Secret is null && secret is not null && definition.Urls!.Except(known?.Definition.Urls ?? [], StringComparer.Ordinal).Any())
        {
            return Decided.Reject(UpstreamRejection.SecretOfAnotherAddress);
        }

        if (known is null && state.Tools.Values.Any(kept => kept.IsPending)) return Decided.Reject(UpstreamRejection.Withdrawing);

        var isOther = !Same(state.Secret, secret);
        if (known is not null && !isOther && EntityTags.Of(known.Definition) == EntityTags.Of(definition)) return Decided.Accept(known);

        var view = (known is null ? state with { Tools = state.Tools.Clear() } : state).View(definition) with
        {
            UpdatedAt = context.Now,
            Failure = null,
            Secrets = state.Secrets + (isOther ? 1 : 0),
            Dropped = c.Replacing?.Dropped(known?.Definition.Given(), definition.Given()),
        };
        return Following(state, context, Decided.Accept(view, new UpstreamEvent.DefinitionPut(view) { Secret = secret }));
    }

    private static Decided Delete(UpstreamState state, Context context) => state.Definition is null
        ? Decided.Reject(UpstreamRejection.NotFound)
        : Following(state, context, Decided.Accept(new UpstreamDeleted(state.Stream.Id), new UpstreamEvent.Deleted(state.Stream.Id)));

    private static Decided Approve(UpstreamState state, UpstreamCommand.Approve c, Context context)
    {
        if (state.Definition is null) return Decided.Reject(UpstreamRejection.NotFound);
        if (state.Tools.GetValueOrDefault(c.ServiceId) is not { } kept) return Decided.Reject(UpstreamRejection.NoTool);
        if (kept.Tool.Offered is not { } offered) return Decided.Reject(UpstreamRejection.Gone);
        if (offered.Hash != c.Hash) return Decided.Reject(UpstreamRejection.Changed(offered.Hash));
        if (offered.Unusable is { } fault) return Decided.Reject(UpstreamRejection.Unusable(fault));
        if (kept.Tool is { IsCurrent: true, Refused: null }) return Decided.Accept(kept.Tool);
        if (kept.Tool.Approved is null && state.Tools.Values.Count(other => other.Tool.Approved is not null) >= Limits.UpstreamApproved)
        {
            return Decided.Reject(UpstreamRejection.TooMany);
        }

        var approved = kept.Tool with { Approved = offered, ApprovedAt = context.Now, Refused = null };
        return Following(state, context, Decided.Accept(approved, new UpstreamEvent.ToolApproved(approved)));
    }

    private static Decided GetAccess(UpstreamState state) => state.Definition is { } definition
        ? Decided.Query(new UpstreamAccess(
            state.Course,
            definition.Urls,
            definition.Command,
            definition.AuthHeader,
            state.Secret,
            [.. state.Tools.Values.Where(kept => IsCallable(definition, kept)).Select(kept => new CallableTool(kept.Tool.Approved!.Name, kept.Tool.Approved.Hash, kept.Tool.Approved.Hints?.MayRepeat == true, MirroredArguments.Of(kept.Tool.Approved.InputSchema)))]))
        : Decided.Reject(UpstreamRejection.NotFound);

    private static bool IsCallable(UpstreamDefinition definition, KeptTool kept) => definition.Active && kept.Tool.IsCurrent && definition.TermsOf(kept.Tool.ServiceId)?.Inactive != true;

    private static bool Same(Personal? a, Personal? b) => (a, b) switch
    {
        (null, null) => true,
        ({ } x, { } y) => x.Utf8.Span.SequenceEqual(y.Utf8.Span),
        _ => false,
    };

    public static LateAnswer? Recall(UpstreamEvent happened, Guid commandId) => happened switch
    {
        UpstreamEvent.DefinitionPut e => new(commandId, Answer.Of(e.View)),
        UpstreamEvent.Deleted e => new(commandId, Answer.Of(new UpstreamDeleted(e.UpstreamId))),
        UpstreamEvent.ToolApproved e => new(commandId, Answer.Of(e.Tool)),
        UpstreamEvent.Refreshed e => new(e.CommandId, Answer.Of(e.View)),
        UpstreamEvent.Offered or UpstreamEvent.ListFailed or UpstreamEvent.RefreshAsked or UpstreamEvent.ToolPublished => null,
        _ => throw new UnreachableException(),
    };
}
