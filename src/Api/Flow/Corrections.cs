using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Grains.Clocks;
using Agora.Web;

namespace Agora.Api.Flow;

/// <summary>
/// The first next action of a refusal is what mends it. Here is what can be told from request and refusal alone: the same request without what was wrong with it, under
/// another key, or later; the list of what is there. What needs the state of the flow is the guide's.
/// </summary>
internal sealed class Corrections(Catalogues catalogues, OperationTable operations, OfferedBodies bodies, TenantTimes times) : ICorrections
{
    /// <summary>A longer body is not told back, nor one with a secret: whoever sent it has it.</summary>
    private const int MostBytes = 2_048;

    /// <summary>Of those that were offered before.</summary>
    private const int MostBesides = 2;

    private const int KeyBytes = 6;

    public Reply Put(Reply reply, RequestCall call, Tenant tenant, Operation operation)
    {
        var corrected = Corrected(reply, call, tenant, operation);
        return operation.Audience == Audience.Anyone ? Authenticating(corrected) : corrected;
    }

    /// <summary>Says to a caller who opens sessions how to ask for one.</summary>
    private static Reply Authenticating(Reply reply) =>
        reply.Refusal is { } refusal && (reply.NextActions.Count == 0 || Actions.IsAsked(refusal)) ? reply with { NextActions = [Actions.AuthenticateAfter(refusal)] } : reply;

    private Reply Corrected(Reply reply, RequestCall call, Tenant tenant, Operation operation)
    {
        if (reply.Refusal is not { } refusal || reply.AdviceStands || operation.IsForeign) return reply;

        refusal = Resting(refusal);
        return Of(refusal, call, tenant, operation) is not { } first ? reply : reply with
        {
            Refusal = refusal,
            NextActions = IsBetter(refusal, reply) ? [.. reply.NextActions, first] : [first, .. reply.NextActions.Where(other => other.Action != first.Action).Take(MostBesides)],
        };
    }

    /// <summary>A service that failed is given some seconds, or whoever does at once what it is told would call it as fast as it can.</summary>
    private static Rejection Resting(Rejection refusal) => refusal is { Code: Codes.UpstreamFailed or Codes.UpstreamTimeout, RetryAfterSeconds: null } && !Refusals.IsOfInput(refusal)
        ? refusal with { RetryAfterSeconds = (int)Limits.TryServiceAgainAfter.TotalSeconds }
        : refusal;

    /// <summary>What a limit leaves is spent now, before anybody waits for the next day; what another task pays is earned before anybody waits for this one's money.</summary>
    private static bool IsBetter(Rejection refusal, Reply reply) =>
        refusal.Code is Codes.BudgetExceeded or Codes.RewardsExhausted && reply.NextActions is [{ Action: var action }, ..] && action != Actions.FlowStatus.Action && action != Actions.ListTasks.Action;

    /// <summary>The same request under a key of its own, with these members besides.</summary>
    public NextAction? Anew(RequestCall call, Tenant tenant, Operation operation, string description, params ReadOnlySpan<(string Name, JsonNode Value)> members)
    {
        if (Again(call, tenant, operation, []) is not { } again) return null;

        var body = again.Body is { } sent ? JsonNode.Parse(sent.Utf8.Span)!.AsObject() : [];
        foreach (var (name, value) in members)
        {
            body[name] = value;
        }

        return again with { Body = RawJson.Of(body.ToJsonString(ApiJson.Options)), IdempotencyKey = NewKey(call), Description = description };
    }

    private NextAction? Of(Rejection refusal, RequestCall call, Tenant tenant, Operation operation)
    {
        return refusal.Code switch
        {
            Codes.ValidationFailed => Again(call, tenant, operation, refusal.Details ?? [])?.With(Says.PutRight, NewKey(call, operation)),
            Codes.MalformedRequest or Codes.PayloadTooLarge or Codes.UnsupportedMediaType =>
                Again(call, tenant, operation, []) is { } again ? (again with { Body = null, EchoesCaller = false }).With(!again.HasSchema ? Says.Readable : Says.InForm, NewKey(call, operation)) : List(call, operation, refusal),
            Codes.IdempotencyConflict => Again(call, tenant, operation, [])?.With(Says.UnderThisKey, NewKey(call, operation)),
            Codes.NotFound when refusal.FactOf(WalletRejection.Path) is { } field => Again(call, tenant, operation, [new(field, "", "")])?.With(Says.PutRight, NewKey(call, operation)),
            Codes.NotFound => List(call, operation, refusal),
            Codes.UpstreamFailed when Refusals.IsOfInput(refusal) => operation.HeldAgainst is not { } input ? null : Again(call, tenant, operation, [new(input, "", "")])?.With(Says.OtherInput, NewKey(call, operation)),
            Codes.RunCancelled => Again(call, tenant, operation, [])?.With(Says.AfterCancelled, NewKey(call, operation)),
            Codes.UpstreamFailed or Codes.UpstreamTimeout => Later(refusal.FactOf(Fact.PaidRuns) is null ? Says.TryAgain : Says.TryAgainPaid, NewKey(call, operation)),
            Codes.RateLimited or Codes.Unavailable or Codes.IdempotencyInFlight or Codes.SessionSuspended or Codes.BudgetExceeded when refusal.RetryAfterSeconds is not null =>
                Later(Says.Later, call.Key),
            _ => OperatorActs.Lifting(refusal) is { } says ? Later(says, call.Key) : null,
        };

        NextAction? Later(string says, string? key) =>
            Again(call, tenant, operation, [])?.With(says, key) is { } later ? later with { NotBefore = times.Now(tenant).AddSeconds(refusal.RetryAfterSeconds ?? OperatorActs.LookAgainAfterSeconds) } : null;
    }

    /// <returns>Null: its path names nothing.</returns>
    private NextAction? Again(RequestCall call, Tenant tenant, Operation operation, IReadOnlyList<Detail> wrong)
    {
        var ids = operation.Sheet.Ids.Select(name => (Name: name, Value: call.Named(name))).ToList();
        if (!ids.TrueForAll(id => PathIds.IsId(id.Name, id.Value))) return null;

        var asked = operation.Sheet.Parameters.All.Select(parameter => (parameter.Name, Value: call.Asked(parameter.Name)))
            .Where(one => one.Value is not null && wrong.All(detail => detail.Path != one.Name)).Select(one => (one.Name, Value: one.Value!));
        var rest = operation.BodySchema() is null ? null : Rest(call, operation, wrong);
        var own = operation.Name is OperationNames.RunService or OperationNames.CompleteTask;
        var schema = own ? Schema(tenant, operation, ids[^1].Value) : null;
        return new(operation.Name, ids.Concat(asked).ToImmutableSortedDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal))
        {
            Body = rest,
            EchoesCaller = rest is not null,
            Schema = schema,
            HasSchema = own ? schema is not null : operation.Published is not null,
        };
    }

    /// <summary>The body of a run and of a task holds a schema of the service or the sponsor.</summary>
    private PublishedSchema? Schema(Tenant tenant, Operation operation, string id) => operation.Name == OperationNames.RunService
        ? catalogues.In(tenant).Active(id) is { } service ? bodies.Of(service) : null
        : catalogues.In(tenant).Campaign(id) is { } campaign ? bodies.Of(campaign) : null;

    private static RawJson? Rest(RequestCall call, Operation operation, IReadOnlyList<Detail> wrong)
    {
        if (call.Root is not { ValueKind: JsonValueKind.Object } sent || call.SentBytes > MostBytes) return null;
        if (operation.Shape?.HasSecret(sent) == true) return null;

        var body = JsonObject.Create(sent)!.DeepClone().AsObject();
        foreach (var detail in wrong)
        {
            Remove(body, detail.Path);
        }

        return body.Count == 0 ? null : RawJson.Of(body.ToJsonString(ApiJson.Options));
    }

    /// <summary>What a JSON Pointer (RFC 6901) leads to; of a list all of it, since the places of its items mean something.</summary>
    private static void Remove(JsonObject body, string pointer)
    {
        var names = pointer.Split('/').Skip(1).Select(name => name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
        for (var (at, i) = (body, 0); i < names.Count; i++)
        {
            if (i < names.Count - 1 && at[names[i]] is JsonObject next)
            {
                at = next;
            }
            else
            {
                at.Remove(names[i]);
                return;
            }
        }
    }

    /// <summary>Of a list within something, that of what the path names.</summary>
    private NextAction? List(RequestCall call, Operation operation, Rejection refusal) => (InBody(operation, refusal) ?? operations.ListOf(operation.Audience == Audience.Operators, operation.Sheet.Ids.Count > 0 ? NameOf(operation.Sheet.Ids[^1], call) : "")) is not { } list ? null
        : list.Sheet.Ids.Select(name => (Name: name, Value: call.Named(name))).ToList() is var ids && ids.TrueForAll(id => PathIds.IsId(id.Name, id.Value))
            ? new(list.Name, ids.ToImmutableSortedDictionary(id => id.Name, id => id.Value, StringComparer.Ordinal)) { Description = Says.List } : null;

    /// <summary>A route that is about things of every kind names the kind in its path.</summary>
    private static string NameOf(string last, RequestCall call) => last is "entity_id" or "sequence" ? $"{call.Named("kind")}_id" : last;

    /// <summary>Of what the body names, and not the path.</summary>
    private Operation? InBody(Operation operation, Rejection refusal) =>
        (operation.Audience == Audience.Peers && refusal.FactOf("agent_id") is not null ? OperationNames.FindAgents : operation.ListOnNotFound(refusal)) is { } name ? operations.Named(name) : null;

    /// <summary>Descriptions.</summary>
    internal static class Says
    {
        public const string PutRight = "Send it again with what details names put right; the rest stands here.";
        public const string InForm = "Send it again in the form that schema_ref describes.";
        public const string Readable = "Send it again with what message names put right.";
        public const string UnderThisKey = "Send it under this key: the other one belongs to another request.";
        public const string OtherInput = "Look at the input schema of the service, and send another input under this key; nothing was paid. The service would refuse the same input again.";
        public const string AfterCancelled = "Ask for it again under this key, if it is wanted after all; what was cancelled cost nothing.";
        public const string TryAgain = "Try it again under this key, and not before not_before; nothing was paid.";
        public const string TryAgainPaid = "Try it again under this key, and not before not_before. It is paid anew: run_ids names what was paid for nothing.";
        public const string Later = "Send it again, the same, and not before not_before.";
        public const string AtThisPrice = "Run it at the price that it has now.";
        public const string List = "See what there is.";
    }

    private static string? NewKey(RequestCall call, Operation operation) => operation.TakesKey ? NewKey(call) : null;

    /// <summary>The same for the same request under the same key: who is refused so twice, and follows both, has it once.</summary>
    private static string NewKey(RequestCall call) =>
        Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{call.RequestHash}\n{call.Key}")).AsSpan(0, KeyBytes));
}
