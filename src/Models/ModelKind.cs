namespace Agora.Models;

/// <summary>What a model is for, and so by which calls it is asked.</summary>
public enum ModelKind
{
    /// <summary>It answers what is said to it; whatever no offer says otherwise of.</summary>
    Chat = 0,

    /// <summary>It makes vectors of texts.</summary>
    Embeddings = 1,

    /// <summary>It reads texts aloud.</summary>
    Speech = 2,
}

/// <summary>Kinds as operators write them.</summary>
public static class ModelKinds
{
    public static IReadOnlyList<string> Words { get; } = ["chat", "embeddings", "speech"];

    public static string WordOf(ModelKind kind) => Words[(int)kind];

    /// <param name="word">One of <see cref="Words"/>; null: it is not said.</param>
    public static ModelKind Of(string? word) => word switch
    {
        "embeddings" => ModelKind.Embeddings,
        "speech" => ModelKind.Speech,
        _ => ModelKind.Chat,
    };
}
