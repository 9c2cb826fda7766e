using System.Security.Cryptography;
using System.Text;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Models;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Upstreams.UpstreamState, Agora.Core.Upstreams.UpstreamEvent>;

namespace Agora.Core.Upstreams;

/// <summary>
/// An upstream's list is read again and again, and each service follows what was approved.
/// <para>A list that says what is known already writes nothing. A service is told absolutely how it shall be, with the revision as of which that holds: it takes no older one after a newer, so what is
/// told twice or late does no harm. What has not followed yet is told again after a crash, by the alarm.</para>
/// </summary>
public static partial class UpstreamDecider
{
    public static IEnumerable<Step> Ongoing(UpstreamState state, DateTimeOffset now)
    {
        if (state.Follows)
        {
            yield return List(state, "again", TimeSpan.Zero);
        }
    }

    public static IEnumerable<Step> Unfinished(UpstreamState state, DateTimeOffset now) =>
        [.. Publications(state), .. state.Asked.Select(asked => ListFor(state, asked))];

    public static bool IsUnfinished(UpstreamState state) => !state.Asked.IsEmpty || state.Tools.Values.Any(kept => kept.IsPending);

    // What is under way for a service goes on; what it comes to asks for the rest.
    private static Decided Following(UpstreamState state, Context context, Decided decided)
    {
        var after = After(state, decided, context);
        return decided.Then([.. Publications(after), .. Ongoing(after, context.Now)]);
    }

    private static UpstreamState After(UpstreamState state, Decided decided, Context context) =>
        decided.Events.Aggregate(decided.Soft ?? state, (after, happened) => after.Evolve(happened, context.Now));

    private static IEnumerable<Step> Publications(UpstreamState state) => state.Tools.Values.Where(kept => kept.IsPending).Select(kept => Publish(state, kept));

    private static Step Publish(UpstreamState state, KeptTool kept)
    {
        var (serviceId, revision) = (kept.Tool.ServiceId, kept.Wanted);
        return new(
            Phase.AfterCommit,
            new StepTarget.Entity(state.Stream with { Kind = Kinds.Service, Id = serviceId }, new ServiceCommand.PutTool(Service(state, kept))),
            outcome => outcome is StepOutcome.Answered answered ? new UpstreamCommand.Published(serviceId, revision, answered.Answer.Rejection?.Code) : null,
            KeyOf($"{serviceId}\n{revision}"));
    }

    /// <summary>A tool as the service that agents run.</summary>
    private static ServiceDefinition Service(UpstreamState state, KeptTool kept)
    {
        var (definition, tool) = ((state.Definition ?? state.Former)!, kept.Tool.Approved!);
        var terms = definition.TermsOf(kept.Tool.ServiceId);
        return new(
            tool.Name,
            Excerpt.Marked(tool.Description, Limits.DescriptionLength),
            terms?.Category ?? definition.Category,
            terms?.PriceMicros ?? definition.PriceMicros,
            $"mcp:{state.Stream.Id}",
            definition.Provider,
            definition.Owner,
            tool.InputSchema,
            tool.OutputSchema,
            null,
            definition.TimeoutMs,
            state.Definition is not null && IsCallable(definition, kept))
        {
            Tool = new(state.Stream.Id, tool.Name, tool.Hash, kept.Wanted),
        };
    }

    private static Decided Published(UpstreamState state, UpstreamCommand.Published c) =>
        state.Tools.GetValueOrDefault(c.ServiceId) is { } kept && kept.Published < c.Revision && c.Revision <= kept.Wanted
            ? Decided.Did(new UpstreamEvent.ToolPublished(c.ServiceId, c.Revision, c.Refused))
            : Decided.NoChange;

    private static Decided Refresh(UpstreamState state, Context context)
    {
        if (state.Asked.Contains(context.CommandId)) return Decided.Later();
        if (state.Definition is null) return Decided.Reject(UpstreamRejection.NotFound);
        if (state.Asked.Length >= Limits.UpstreamAsked) return Decided.Reject(UpstreamRejection.Crowded);

        return Decided.Later(new UpstreamEvent.RefreshAsked(context.CommandId)).Then(ListFor(state, context.CommandId));
    }

    // One that changes its list all the time, or says so, is not read all the time.
    private static Decided Heard(UpstreamState state, Context context)
    {
        if (!state.Follows) return Decided.NoChange;

        var due = state.RefreshedAt + Doubled(Limits.UpstreamHeardPause, state.Restless);
        return Decided.NoChange.Then(List(state, "heard", due > context.Now ? due.Value - context.Now : TimeSpan.Zero));
    }

    private static TimeSpan Doubled(TimeSpan pause, int times) =>
        times < 12 && pause * (1 << times) is var longer && longer < Limits.UpstreamPauseLongest ? longer : Limits.UpstreamPauseLongest;

    private static Step ListFor(UpstreamState state, Guid asked)
    {
        var course = state.Course;
        return new(Phase.AfterCommit, new StepTarget.Outside(new UpstreamList(TimeSpan.Zero, TimeSpan.Zero)), outcome => new UpstreamCommand.ListDone(course, outcome as UpstreamOutcome, asked), asked);
    }

    private static Step List(UpstreamState state, string why, TimeSpan pause)
    {
        var (course, atLeast) = (state.Course, Doubled(Limits.UpstreamHeardPause, state.Restless));
        return new(
            Phase.AfterCommit,
            new StepTarget.Outside(new UpstreamList(pause, atLeast < pause ? atLeast : pause)),
            outcome => new UpstreamCommand.ListDone(course, outcome as UpstreamOutcome),
            KeyOf($"{why}\n{course}")) { IsSole = true };
    }

    private static Decided ListDone(UpstreamState state, UpstreamCommand.ListDone c, Context context)
    {
        var decided = c.Course != state.Course || state.Definition is null ? Decided.NoChange : Listed(state, c.Listed, context);
        if (c.Asked is { } asked && state.Asked.Contains(asked))
        {
            decided = Answered(state, asked, decided, context);
        }

        var after = After(state, decided, context);
        return decided.Then(
        [
            .. Publications(after),
            .. after.Follows ? [List(after, "again", Doubled(Limits.UpstreamPause, after.Restless))] : Array.Empty<Step>(),
        ]);
    }

    private static Decided Answered(UpstreamState state, Guid asked, Decided decided, Context context)
    {
        // Of one that was deleted meanwhile there is nothing to tell; whoever asked sees it as it was.
        var view = After(state, decided, context).View((state.Definition ?? state.Former)!);
        return decided.And(new UpstreamEvent.Refreshed(asked, view)).Answering(asked, Answer.Of(view));
    }

    private static Decided Listed(UpstreamState state, UpstreamOutcome? outcome, Context context)
    {
        if (outcome is UpstreamOutcome.Failed { Code: var code })
        {
            return state.Failure?.Code == code ? Decided.NoChange : Decided.Did(new UpstreamEvent.ListFailed(new(context.Now, code)));
        }

        if (outcome is not UpstreamOutcome.Listed { Tools: var listed }) return Decided.NoChange;

        var named = Named(state, listed);
        var changed = named.Where(offer => state.Tools.GetValueOrDefault(offer.ServiceId)?.Tool.Offered?.Hash != offer.Tool.Hash).ToList();
        var gone = state.Tools.Values.Where(kept => kept.Tool.Offered is not null && !named.Exists(offer => offer.ServiceId == kept.Tool.ServiceId)).Select(kept => kept.Tool.ServiceId).ToList();
        var isOther = changed.Count + gone.Count > 0;
        var soft = state with { RefreshedAt = context.Now, Restless = isOther && state.RefreshedAt is not null ? Math.Min(state.Restless + 1, 12) : 0 };
        return (isOther || state.Failure is not null ? Decided.Did(new UpstreamEvent.Offered(changed, gone)) : Decided.NoChange).WithSoft(soft);
    }

    /// <summary>Each under the id that its service has, or would have. One that cannot be named has a name that no service has.</summary>
    private static List<Offer> Named(UpstreamState state, IReadOnlyList<OfferedTool> listed)
    {
        var (offers, unnamed) = (new SortedDictionary<string, OfferedTool>(StringComparer.Ordinal), 0);
        foreach (var tool in listed.OrderBy(tool => tool.Name, StringComparer.Ordinal))
        {
            var id = ToolNames.ServiceId(state.Stream.Id, tool.Name);
            if (id is null)
            {
                Add(null, tool.But(ToolFaults.Name));
            }
            else if (offers.TryAdd(id, tool))
            {
                continue;
            }
            else if (state.Tools.GetValueOrDefault(id)?.Tool.Approved?.Name == tool.Name)
            {
                var other = offers[id]; // whoever was approved under the name keeps it
                offers[id] = tool;
                Add(null, other.But(ToolFaults.NameTaken));
            }
            else
            {
                Add(null, tool.But(ToolFaults.NameTaken));
            }
        }

        return [.. offers.Select(offer => new Offer(offer.Key, offer.Value))];

        void Add(string? id, OfferedTool tool) => offers.Add(id ?? $"{state.Stream.Id}:{++unnamed}", tool);
    }

    private static Guid KeyOf(string what) => new(SHA256.HashData(Encoding.UTF8.GetBytes($"upstream\n{what}")).AsSpan(0, 16), bigEndian: true);
}
