using System.Text;

namespace Agora.ScriptedModels;

internal enum Ending
{
    Done = 1,
    MetStop = 2,
    MetLimit = 3,
    CallsTools = 4,
    Refused = 5,
}

internal sealed record SaidCall(string Id, string Name, string Arguments, bool IsCustom);

/// <summary>The script's reply as this request gets it, before anything of it is written: cut where its limits say, with all its tokens counted.</summary>
internal sealed record Said(
    string Id, Asked Asked, Reply Reply, Delivery Delivery, string Reasoning, string Text, IReadOnlyList<SaidCall> Calls, Ending End, string? StopSequence, Counts Input, UsageFault Usage, bool IsEndless)
{
    public long Created { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public bool IsRefusal => End == Ending.Refused;

    public static Said Plan(string id, Asked asked, Reply reply, Delivery delivery, Fault? fault)
    {
        if (fault is Fault.HugeBody huge)
        {
            reply = reply with { Text = Words.OfBytes(huge.Bytes), Calls = [] };
            asked = asked with { MaxTokens = null, Stop = [], WantsJson = false };
            delivery = delivery with { ChunkCharacters = huge.Bytes };
        }

        var isEndless = fault is Fault.Endless && asked.Stream;
        var left = asked.MaxTokens is { } max ? max * (long)Tokens.BytesEach : long.MaxValue;
        var isCut = false;
        var reasoning = asked.MayReason ? reply.Reasoning : "";
        if (asked.MaxReasoning is { } budget)
        {
            reasoning = Tokens.Cut(reasoning, budget * (long)Tokens.BytesEach);
        }

        reasoning = Take(reasoning);
        left -= left == long.MaxValue ? 0 : Tokens.Of(reasoning) * Tokens.BytesEach - Encoding.UTF8.GetByteCount(reasoning); // A token that is begun by reasoning holds no text.

        var calls = new List<SaidCall>();
        var planned = asked is { MayCall: true, EndsWithToolResult: false, Tools.Count: > 0 } && reply.Refusal is null && !isEndless ? reply.Calls : [];
        var text = reply.Refusal is { } refusal ? asked.Maker == Maker.Google ? "" : refusal : (planned.Count > 0 && !reply.SpeaksBeforeCalls ? "" : asked.WantsJson ? reply.Json : reply.Text);
        var (stop, at) = FirstOf(asked.Stop, text);
        text = Take(stop is null ? text : text[..at]);
        var metStop = stop is not null && text.Length == at;
        if (!isCut && !metStop)
        {
            foreach (var call in planned)
            {
                if (isCut) break;

                var name = calls.Count == 0 && asked.MustCall is { } must ? must : call.Name ?? asked.Tools[0].Name;
                var rest = left == long.MaxValue ? left : left - Encoding.UTF8.GetByteCount(name);
                if (rest <= 0)
                {
                    isCut = true;
                    break;
                }

                left = rest;
                calls.Add(new SaidCall($"{Ids.OfCall(asked.Maker)}{id[^18..]}{calls.Count}", name, Take(call.Arguments), asked.Tools.Any(tool => tool.Name == name && tool.IsCustom)));
            }
        }

        var end = reply.Refusal is not null && !isCut ? Ending.Refused : metStop ? Ending.MetStop : isCut ? Ending.MetLimit : calls.Count > 0 ? Ending.CallsTools : Ending.Done;
        return new Said(id, asked, reply, delivery, reasoning, text, calls, end, end == Ending.MetStop ? stop : null, InputOf(asked, reply), fault is Fault.Usage usage ? usage.How : UsageFault.None, isEndless);

        string Take(string wanted)
        {
            if (left == long.MaxValue) return wanted;

            var taken = Tokens.Cut(wanted, left);
            isCut |= taken.Length < wanted.Length;
            left -= Encoding.UTF8.GetByteCount(taken);
            return taken;
        }
    }

    /// <summary>The text as its events have it; without end if that is the fault.</summary>
    public IEnumerable<string> TextChunks() => IsEndless ? Words.Endless(Asked.Number) : Chunks(Text);

    public IEnumerable<string> Chunks(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(Math.Max(1, Delivery.ChunkCharacters), text.Length - at);
            if (at + length < text.Length && char.IsHighSurrogate(text[at + length - 1]))
            {
                length++;
            }

            yield return text.Substring(at, length);
            at += length;
        }
    }

    private static (string? Stop, int At) FirstOf(IReadOnlyList<string> stops, string text)
    {
        (string? Stop, int At) first = (null, int.MaxValue);
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && at < first.At)
            {
                first = (stop, at);
            }
        }

        return first;
    }

    private static Counts InputOf(Asked asked, Reply reply)
    {
        var left = asked.InputTokens;
        var read = Of(reply.CacheRead);
        var write = asked.Maker == Maker.Google ? 0 : Of(reply.CacheWrite);
        var longer = asked.Maker == Maker.Anthropic ? Of(reply.CacheWriteLong) : 0;
        return new Counts(left, read, write, longer, asked.Maker == Maker.Anthropic ? 0 : reply.InputAudio);

        long Of(long wanted)
        {
            var taken = Math.Min(wanted, left);
            left -= taken;
            return taken;
        }
    }
}

internal static class Ids
{
    public static string OfCall(Maker maker) => maker switch
    {
        Maker.Anthropic => "toolu_",
        _ => "call_",
    };
}
