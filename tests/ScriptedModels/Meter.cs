using System.Text;

namespace Agora.ScriptedModels;

/// <summary>Counts what is written while it is written: a reply that is cut off is billed as far as it got.</summary>
internal sealed class Meter(Said said)
{
    private long _output;
    private long _reasoning;

    /// <summary>Of the next event, for makers that number them.</summary>
    public int Sequence { get; set; }

    public bool IsAllWritten { get; set; }

    public Counts Now
    {
        get
        {
            long output = Tokens.Of(_output), reasoning = Tokens.Of(_reasoning);
            if (said.Asked.Maker == Maker.Anthropic && !said.Reply.TellsThinking)
            {
                (output, reasoning) = (output + reasoning, 0);
            }

            return said.Input with { Output = output, Reasoning = reasoning, OutputAudio = IsAllWritten && said.Asked.Maker != Maker.Anthropic ? said.Reply.OutputAudio : 0 };
        }
    }

    public string Text(string text)
    {
        _output += Encoding.UTF8.GetByteCount(text);
        return text;
    }

    public string Reasoning(string text)
    {
        _reasoning += Encoding.UTF8.GetByteCount(text);
        return text;
    }

    /// <summary>All at once.</summary>
    public static Meter OfAll(Said said)
    {
        var meter = new Meter(said) { IsAllWritten = true };
        meter.Reasoning(said.Reasoning);
        meter.Text(said.Text);
        foreach (var call in said.Calls)
        {
            meter.Text(call.Name);
            meter.Text(call.Arguments);
        }

        return meter;
    }
}

internal enum FrameKind
{
    Head = 1,
    Content = 2,

    /// <summary>Why it ended, usage, whatever comes behind the content.</summary>
    Tail = 3,

    /// <summary>Without it the stream was cut off.</summary>
    Terminal = 4,
}

/// <summary>One event of a stream.</summary>
/// <param name="Written">All that is billed when this one is written.</param>
/// <param name="Tells">The usage in it, if it is right; null: there is none.</param>
internal readonly record struct Frame(byte[] Bytes, FrameKind Kind, Counts Written, Counts? Tells = null);
