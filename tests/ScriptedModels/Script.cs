using System.Collections.Frozen;

namespace Agora.ScriptedModels;

/// <summary>What a provider does. It is not changed while it runs, but it can be replaced: <see cref="ScriptedProvider.Script"/>. What counts for itself, a rule of faults or a choice, keeps its own count.</summary>
public sealed record Script
{
    public const string UsualKey = "test-key";

    /// <summary>Keys that are let in; empty: any.</summary>
    public IReadOnlyCollection<string> Keys { get; init; } = [UsualKey];

    public Reply Reply { get; init; } = new();

    /// <summary>Asked first: by anything that the request says; null: it is not for this one.</summary>
    public Func<Asked, Reply?>? Choose { get; init; }

    /// <summary>By the request's path, exactly.</summary>
    public IReadOnlyDictionary<string, Reply> ByPath { get; init; } = FrozenDictionary<string, Reply>.Empty;

    public IReadOnlyDictionary<string, Reply> ByKey { get; init; } = FrozenDictionary<string, Reply>.Empty;

    /// <summary>The first that hits is what happens.</summary>
    public IReadOnlyList<FaultRule> Faults { get; init; } = [];

    public Delivery Delivery { get; init; } = Delivery.Usual;

    /// <summary>By which categories a text is flagged by moderation; null, or none of them: by none.</summary>
    public Func<string, IReadOnlyList<string>>? Flags { get; init; }

    /// <summary>Where a text points, of those that a client of OpenAI asks; null: each where its place in the request says.</summary>
    public Func<string, IReadOnlyList<float>>? Vectors { get; init; }

    /// <summary>What the list of models names.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["scripted-small", "scripted-large"];

    /// <summary>Members that the maker does not know are let pass, as by many compatible servers.</summary>
    public bool IsLenient { get; init; }

    /// <summary>So many requests and truths are kept, the newest; 0: they are only counted, which a benchmark wants.</summary>
    public int Keep { get; init; } = 10_000;

    internal Reply ReplyTo(Asked asked) =>
        Choose?.Invoke(asked) ?? ByPath.GetValueOrDefault(asked.Path) ?? ByKey.GetValueOrDefault(asked.Key) ?? Reply;

    internal Fault? FaultOf(Asked asked, Reply reply)
    {
        foreach (var rule in Faults)
        {
            if (rule.Hits(asked)) return rule.Fault;
        }

        return reply.Fault;
    }
}
