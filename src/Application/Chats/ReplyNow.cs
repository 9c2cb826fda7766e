using Agora.Models;

namespace Agora.Application.Chats;

/// <summary>How far a reply is.</summary>
internal enum ReplyState
{
    /// <summary>A model writes it, or is about to.</summary>
    UnderWay,

    /// <summary>It ended by itself.</summary>
    Whole,

    /// <summary>It was stopped, or its chat was deleted.</summary>
    Stopped,

    Failed,

    /// <summary>It was replied elsewhere, and costs nothing here.</summary>
    Imported,
}

/// <summary>What a model replied, as far as it is there.</summary>
/// <param name="Model">The model that was called. Of a reply from elsewhere, the one that was named, or the place.</param>
internal sealed record ReplyNow(string Model, ReplyState State)
{
    /// <summary>Null if it was replied elsewhere.</summary>
    public Guid? RunId { get; init; }

    /// <summary>Why this model. Null if it was asked for.</summary>
    public string? Route { get; init; }

    /// <summary>Null if nothing is kept of it.</summary>
    public string? Text { get; init; }

    /// <summary>What the model thought before, as far as it shows that. Null if nothing.</summary>
    public string? Reasoning { get; init; }

    /// <summary>Null if it is under way, or did not end by itself.</summary>
    public Finish? Finish { get; init; }

    public ReplyFailure? Failure { get; init; }

    /// <summary>Null if it is not paid yet.</summary>
    public long? CostMicros { get; init; }

    public bool IsEstimate { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>The first turn of the branch that the model read word for word. 0 if none.</summary>
    public int From { get; init; }

    /// <summary>What it read in place of the turns before that. Null if nothing.</summary>
    public SummaryRead? Summary { get; init; }

    /// <summary>Ids of the user's memories that it read.</summary>
    public IReadOnlyList<Guid> Memories { get; init; } = [];

    /// <summary>The version of the user's preferences that it read. Null if none.</summary>
    public int? Preferences { get; init; }

    /// <summary>A reply from elsewhere: no run of ours made it.</summary>
    public static ReplyNow Imported(string model, string? text) => new(model, ReplyState.Imported) { Text = text, CostMicros = 0 };
}

/// <param name="Code">Of our errors, or of the provider's.</param>
internal sealed record ReplyFailure(string Code, string Message);

/// <param name="UpTo">The last turn of the branch that the summary covers.</param>
/// <param name="RunId">The call that made it, with its bill.</param>
/// <param name="CostMicros">Null if it is not paid yet.</param>
internal sealed record SummaryRead(int UpTo, Guid RunId, long? CostMicros);
