using System.Buffers;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Admin;

/// <summary>What is changed of something, and how.</summary>
/// <param name="Body">A merge patch; null: there was none, and nothing is changed.</param>
internal sealed record Change<TId>(TId Id, JsonElement? Body);

/// <summary>Something as it is now: its view, and all that an operator is shown of it.</summary>
internal sealed record Found<TView>(TView? View, object? Data, Rejection? Refusal = null)
    where TView : class
{
    public static Found<TView> No(Rejection refusal) => new(null, null, refusal);
}

internal static class Found
{
    public static Found<TView> Of<TView>(Answer answer, Func<TView, object> data)
        where TView : class => answer.Rejection is { } refusal ? Found<TView>.No(refusal) : new(answer.As<TView>(), data(answer.As<TView>()));

    /// <summary>What was put. A question about the key that was sent twice may have met the command: what it answers says nothing of what was put.</summary>
    public static TView Put<TView>(Answer answer)
        where TView : class => answer.Reply is Nothing ? throw new OperatingException(new(FailureKind.Timeout)) : answer.As<TView>();
}

/// <summary>
/// How one kind of thing that operators put is read, put and changed. A definition has an ETag. What a caller expects of it is held against the state that the command meets, by
/// whoever decides it; so of two edits of the same ETag only one is carried out.
/// <para>A change is a put of the merged definition, which expects what was merged with. Where that was changed meanwhile it is merged again, so no other's change is lost.</para>
/// </summary>
internal sealed class Editing<TId, TPut, TCommand, TView>
    where TCommand : class
    where TView : class
{
    private static readonly Rejection Overtaken =
        new(Codes.Unavailable, "Others change it all the time; nothing was changed. Try again, with the same Idempotency-Key.", RetryAfterSeconds: 1, Retry: true);

    /// <summary>The put that is offered makes another thing, where only the id's case was wrong.</summary>
    private const string CaseCounts = "Ids' case counts.";

    public required Operation<TId> Get { get; init; }

    public required Operation<TPut> Put { get; init; }

    public required Func<Tenant, TId, EntityRef<TCommand>> Entity { get; init; }

    public required Func<OperatorCall, TId, Task<Found<TView>>> Find { get; init; }

    public required Func<TPut, TId> IdOf { get; init; }

    /// <summary>In the order of the path.</summary>
    public required Func<TId, IReadOnlyList<string>> Path { get; init; }

    public required Func<TPut, Replacing, TCommand> Command { get; init; }

    public required Func<TView, string> Etag { get; init; }

    public required Func<TId, TView, object> Data { get; init; }

    /// <summary>A member that is shown as a put calls it, and is no part of the definition.</summary>
    public Func<TView, string?> Beside { get; init; } = static _ => null;

    /// <summary>What is wrong with it by what else there is, as this process knows it: its own stream cannot tell. Null: nothing.</summary>
    public Func<Tenant, TPut, Rejection?> Wrong { get; init; } = static (_, _) => null;

    /// <summary>What is shown of a put or a change, with what the operator should look at, by what else there is as this process knows it.</summary>
    public Func<OperatorCall, TView, object, object> Warned { get; init; } = static (_, _, data) => data;

    /// <summary>For what this process keeps of it.</summary>
    public Action<Tenant, TView> Heard { get; init; } = static (_, _) => { };

    /// <summary>What has to be there first, where it is not found; null: it is put itself.</summary>
    public Func<TId, Rejection, NextAction?> Mends { get; init; } = static (_, _) => null;

    public async Task<Reply> Read(OperatorCall call, TId id)
    {
        var found = await Find(call, id);
        if (found.View is not { } view) return Refused(id, found.Refusal!);

        var tag = Etag(view);
        return Tagged(call.If?.NoneMatch is { } known && Precondition.Has(known, tag) ? Reply.NotModified() : Reply.Ok(found.Data!), tag);
    }

    public async Task<Reply> Replace(OperatorCall call, TPut put)
    {
        var entity = Entity(call.Tenant, IdOf(put));
        if (Wrong(call.Tenant, put) is { } wrong)
        {
            return call.IsKeyed && await entity.Outcome(call.Context) is { } known ? Shown(call, IdOf(put), known) : Reply.Refused(wrong);
        }

        return Shown(call, IdOf(put), await entity.Send(Command(put, new(call.If, Put.Shape?.LeftOut(call.Root))), call.Context));
    }

    public async Task<Reply> Merge(OperatorCall call, Change<TId> change)
    {
        var entity = Entity(call.Tenant, change.Id);
        if (call.IsKeyed && await entity.Outcome(call.Context) is { } known) return Shown(call, change.Id, known); // what it was merged with is gone

        for (var round = 0; round < Limits.MergesAtMost; round++)
        {
            var found = await Find(call, change.Id);
            if (found.View is not { } view) return Refused(change.Id, found.Refusal!);
            if (call.If?.Refusal(Etag(view)) is { } failed) return Refused(change.Id, failed);

            var before = Definition(change.Id, view);
            call.Changing(before);
            using var merged = MergePatch.Apply(before, change.Body ?? JsonElement.Parse("{}"), Put.Shape);
            var whole = new MergedCall(call, merged.RootElement);
            var put = Put.Read(whole);
            whole.Body.Finish();
            if ((whole.Findings.Refusal ?? Wrong(call.Tenant, put)) is { } wrong) return Reply.Refused(wrong);

            var answer = await entity.Send(Command(put, new(Precondition.IsStill(Etag(view)))), call.Context);
            if (answer.Rejection?.Code != Codes.PreconditionFailed) return Shown(call, change.Id, answer);
        }

        return Reply.Refused(Overtaken);
    }

    public Reply Refused(TId id, Rejection refusal) => Reply.Refused(refusal.Code == Codes.NotFound ? refusal with { Message = $"{refusal.Message} {CaseCounts}" } : refusal) with
    {
        NextActions = refusal.Code switch
        {
            Codes.PreconditionFailed when refusal.Facts?.Any(fact => fact is { Name: Precondition.Fact, Raw: false }) == true => [NextAction.Of(Get, Path(id))],
            Codes.PreconditionFailed or Codes.NotFound => [Mends(id, refusal) ?? NextAction.Of(Put, Path(id))],
            _ => [],
        },
    };

    private Reply Shown(OperatorCall call, TId id, Answer answer)
    {
        if (answer.Rejection is { } refusal) return Refused(id, refusal);

        var view = Found.Put<TView>(answer);
        Heard(call.Tenant, view);
        return Tagged(Reply.Ok(Warned(call, view, Data(id, view))), Etag(view)) with { Replayed = answer.Replayed };
    }

    private static Reply Tagged(Reply reply, string tag) => reply with { Headers = [(Preconditions.Etag.Name, tag)] };

    /// <summary>As a put takes it.</summary>
    private JsonElement Definition(TId id, TView view)
    {
        var shown = JsonSerializer.SerializeToElement(Data(id, view), ApiJson.Options);
        var written = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(written, ApiJson.WriterOptions))
        {
            writer.WriteStartObject();
            foreach (var member in shown.EnumerateObject().Where(member => Put.Shape!.Has(member.Name) && member.Value.ValueKind != JsonValueKind.Null && member.Name != Beside(view)))
            {
                writer.WritePropertyName(member.Name);
                MergePatch.Copy(writer, member.Value);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(written.WrittenSpan);
    }
}
