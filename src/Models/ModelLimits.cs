namespace Agora.Models;

/// <summary>Bounds of what is read and written of models. Those of a call's money and time are the product's.</summary>
public static class ModelLimits
{
    /// <summary>Bytes of a request, images included.</summary>
    public const int RequestBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of a reply, and of one event of a stream.</summary>
    public const int ReplyBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of all events of a stream: 128 Ki tokens, each in an event of its own, are half of it.</summary>
    public const int StreamBytes = 64 * 1024 * 1024;

    /// <summary>Characters that a model says in a stream. No model writes 64 a token on and on: one that does is none, and would fill the store for the price of a word.</summary>
    public static long SaidOf(int maxOutputTokens) => (64 * 1024) + (64L * maxOutputTokens);

    public const int Depth = 64;

    /// <summary>Messages, tool calls, results and reasoning of one request.</summary>
    public const int Items = 4_096;

    public const int Parts = 4_096;

    public const int Tools = 512;

    /// <summary>Texts of which one request may want vectors: as many as OpenAI takes.</summary>
    public const int Inputs = 2_048;

    /// <summary>Values of one vector that a request may ask for, and of all that it asks for together.</summary>
    public const int Dimensions = 8_192;
    public const int VectorValues = 8 * 1024 * 1024;

    /// <summary>Characters of a text that is read aloud, and of how: as many as OpenAI takes.</summary>
    public const int SpokenCharacters = 4_096;

    /// <summary>Bytes of a reply that is vectors: 2,048 of 4,096 values each in base64, or of 2,500 as numbers.</summary>
    public const int VectorReplyBytes = 64 * 1024 * 1024;

    public const int StopSequences = 16;

    /// <summary>Characters of a model's name, a call's id, a tool's name.</summary>
    public const int NameLength = 256;

    /// <summary>Tokens of output that a request may ask for.</summary>
    public const int OutputTokens = 4_000_000;

    /// <summary>Tokens that a provider may count in one call; more is no count.</summary>
    public const long UsageTokens = 1_000_000_000;

    /// <summary>Characters that are passed on of what a provider says in an error.</summary>
    public const int ErrorLength = 1_000;
}
