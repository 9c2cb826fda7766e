using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Webhooks.WebhookState, Agora.Core.Webhooks.WebhookEvent>;

namespace Agora.Core.Webhooks;

/// <summary>
/// Telling an endpoint what happens.
/// <para>In order of each subject: of one that did not take an event nothing later is told before that one. Its place is kept, and its later events are passed over where they are met;
/// from there on they are read in its own stream. So one subject that fails stops no other, and what waits takes no room.</para>
/// <para>At least once: the cursor moves in the row that says what became of all before it. A crash in between repeats what had been told, under the same ids.</para>
/// <para>An event is tried for <see cref="Limits.WebhookTriedFor"/>. Then it is given up where the endpoint took anything meanwhile: its subject goes on with the next. Where it took nothing, the
/// endpoint is disabled, and nothing is given up. It is at once where it answers 410.</para>
/// </summary>
public static partial class WebhookDecider
{
    /// <summary>What a receiver answers that is to be told nothing more (Standard Webhooks).</summary>
    private const int Gone = 410;

    private static readonly Guid WindowKey = KeyOf("");

    public static IEnumerable<Step> Ongoing(WebhookState state, DateTimeOffset now)
    {
        if (!state.Delivers) yield break;

        if (state.IsOfAgent)
        {
            yield return TellInbox(state, now, TimeSpan.Zero);
            yield break;
        }

        foreach (var subject in state.Waiting.Values.Where(subject => subject.NextAt <= now).OrderBy(subject => subject.NextAt).ThenBy(subject => subject.Stream, StringComparer.Ordinal).Take(Limits.WebhookCallsAtOnce))
        {
            yield return TellSubject(state.Definition!, subject);
        }

        yield return ReadWindow(state, now, TimeSpan.Zero);
    }

    // One of a key at a time: what is under way already goes on.
    private static Decided Going(WebhookState state, Context context, Decided decided)
    {
        var after = decided.Soft ?? state;
        foreach (var happened in decided.Events)
        {
            after = after.Evolve(happened, context.Now);
        }

        return decided.Then([.. Ongoing(after, context.Now)]);
    }

    private static Step ReadWindow(WebhookState state, DateTimeOffset now, TimeSpan pause)
    {
        var (course, reads) = (state.Course, state.Waiting.Count < Limits.WebhookWaiting);
        var patience = state.Waiting.Values.Where(subject => subject.NextAt > now).Select(subject => subject.NextAt - now).Append(reads ? Limits.WebhookPatience : Limits.WebhookRest).Min();
        var call = new WebhookWindow(
            state.Definition!, reads, state.ReadTo ?? state.Cursor, state.NotBefore, state.Waiting.ToImmutableSortedDictionary(w => w.Key, w => w.Value.From, StringComparer.Ordinal), pause, patience, state.Replay?.Until);
        return new(Phase.AfterCommit, new StepTarget.Outside(call), outcome => new WebhookCommand.WindowDone(course, outcome as WebhookOutcome.Window), WindowKey) { IsSole = true };
    }

    private static Step TellSubject(WebhookDefinition definition, WaitingSubject subject) => new(
        Phase.AfterCommit,
        new StepTarget.Outside(new WebhookSubject(definition, subject)),
        outcome => new WebhookCommand.SubjectDone(subject.Stream, subject.From, subject.UpTo, outcome as WebhookOutcome.Subject),
        KeyOf(subject.Stream)) { IsSole = true };

    private static Decided WindowDone(WebhookState state, WebhookCommand.WindowDone c, Context context)
    {
        if (state.Definition is null || c.Course != state.Course) return Going(state, context, Decided.NoChange);
        if (!state.Delivers && c.Read is null) return Decided.NoChange;
        if (c.Read is not { } read) return Decided.NoChange.Then(ReadWindow(state, context.Now, Limits.WebhookRest));
        if (read.IsCutOff) return Going(state, context, Decided.Did(new WebhookEvent.Rewound(CutOffAt(state, context))));

        if (read.IsOver) return Going(state, context, Decided.Did(new WebhookEvent.ReplayEnded()));

        var passed = state.Passed + read.Passed;
        if (read.Deliveries.Count == 0 && read.Left.Count == 0 && (read.Cursor is null || passed < Limits.WebhookPassed))
        {
            return Going(state, context, Decided.NoChange.WithSoft(state with { ReadTo = read.Cursor ?? state.ReadTo, Passed = passed }));
        }

        IReadOnlyList<WaitingSubject> waits = [.. read.Left.Select(left => Waits(state, left, context.Now))];
        return Going(state, context, Told(state, new WebhookEvent.Told(read.Cursor, read.Deliveries, NoneAsNull(waits)), context));
    }

    /// <summary>Everything of the last day, and a little more: what was told before is told again, and nothing is left out that came in place of what was cut off.</summary>
    private static DateTimeOffset CutOffAt(WebhookState state, Context context) => (state.TookAt is { } took && took < context.Now ? took : context.Now) - Limits.WebhookTriedFor;

    private static WaitingSubject Waits(WebhookState state, LeftSubject left, DateTimeOffset now)
    {
        var fresh = new WaitingSubject(left.Stream, left.From, left.UpTo, left.Tried ? 1 : 0, now, left.Tried ? now + Limits.WebhookPauses[0] : now);
        if (state.Waiting.GetValueOrDefault(left.Stream) is not { } known) return fresh;

        var upTo = Math.Max(known.UpTo, left.UpTo);
        return left.From.CompareTo(known.From) < 0 ? fresh with { UpTo = upTo } : known with { UpTo = upTo };
    }

    private static Decided SubjectDone(WebhookState state, WebhookCommand.SubjectDone c, Context context)
    {
        if (state.Definition is null || state.Waiting.GetValueOrDefault(c.Stream) is not { } subject) return Going(state, context, Decided.NoChange);
        if (c.Told is not { } told) return Decided.Did(new WebhookEvent.Told(null, [], [subject with { NextAt = context.Now + Limits.WebhookRest }]));

        // It was met from an earlier place on meanwhile: what was told now is told again.
        if (subject.From != c.From) return Going(state, context, Told(state, new WebhookEvent.Told(null, told.Deliveries), context));

        if (told.Next is null && subject.UpTo == c.UpTo)
        {
            return Going(state, context, Told(state, new WebhookEvent.Told(null, told.Deliveries, Freed: [c.Stream]), context));
        }

        var from = told.Next ?? new Place(c.UpTo + 1, 0);
        var failed = told.Deliveries is [.., { IsTaken: false }];
        if (!failed)
        {
            return Going(state, context, Told(state, new WebhookEvent.Told(null, told.Deliveries, [subject with { From = from, Attempts = 0, Since = context.Now, NextAt = context.Now }]), context));
        }

        return Failed(state, subject, told.Deliveries, from, context);
    }

    private static Decided Failed(WebhookState state, WaitingSubject subject, IReadOnlyList<Delivery> deliveries, Place at, Context context)
    {
        var (attempts, since) = at == subject.From && subject.Attempts > 0 ? (subject.Attempts + 1, subject.Since) : (1, context.Now);
        var waits = subject with { From = at, Attempts = attempts, Since = since, NextAt = context.Now + PauseAfter(attempts) };
        var tried = new WebhookEvent.Told(null, deliveries, [waits]);
        if (context.Now - since < Limits.WebhookTriedFor) return Going(state, context, Told(state, tried, context));

        var told = state.Evolve(tried, context.Now);
        if (told.TookAt is null || told.TookAt < since)
        {
            return Decided.Did(
                new WebhookEvent.Told(null, deliveries, [waits with { NextAt = context.Now }]),
                new WebhookEvent.Disabled(new(context.Now, TookNothing(since))));
        }

        return Going(state, context, Told(
            state, new WebhookEvent.Told(null, [.. deliveries.SkipLast(1), deliveries[^1] with { GivenUp = true }], [waits with { From = at.Following(), Attempts = 0, Since = context.Now, NextAt = context.Now }]), context));
    }

    // An endpoint that was down is back: whatever waits need not wait any longer. One that is gone has what waits when it is put again.
    private static Decided Told(WebhookState state, WebhookEvent.Told told, Context context)
    {
        if (told.Deliveries.Any(delivery => delivery.Status == Gone)) return Decided.Did(told, WantsNothing(context.Now));

        var after = state.Evolve(told, context.Now);
        return state.FailedInRow >= Limits.WebhookDown && told.Deliveries.Any(delivery => delivery.IsTaken)
            ? Decided.Did(told with { Waits = NoneAsNull([.. after.Waiting.Values.Select(subject => subject.NextAt > context.Now ? subject with { NextAt = context.Now } : subject)]) })
            : Decided.Did(told);
    }

    private static string TookNothing(DateTimeOffset since) => $"It has taken nothing since {since:yyyy-MM-dd'T'HH:mm:ss'Z'}.";

    private static WebhookEvent.Disabled WantsNothing(DateTimeOffset now) => new(new(now, "It answered 410: it wants to be told nothing more."));

    private static TimeSpan PauseAfter(int attempts) => Limits.WebhookPauses[Math.Min(attempts, Limits.WebhookPauses.Count) - 1];

    private static IReadOnlyList<WaitingSubject>? NoneAsNull(IReadOnlyList<WaitingSubject> waits) => waits.Count == 0 ? null : waits;

    private static Guid KeyOf(string stream) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"webhook\n{stream}")).AsSpan(0, 16), bigEndian: true);
}
