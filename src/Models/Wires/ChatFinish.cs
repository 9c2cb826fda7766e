namespace Agora.Models.Wires;

/// <summary>Why it ended, in the words of OpenAI and of others.</summary>
internal static class ChatFinish
{
    /// <param name="hasCalls">A call that had to be made ends with "stop" (OpenAI), and with some servers any: who gets the reply has to run it all the same.</param>
    /// <returns>Neither: it has not ended.</returns>
    public static (Finish? Finish, ProviderFault? Fault) Read(string? reason, bool hasCalls) => reason switch
    {
        null or "" => (null, null),
        "length" or "model_length" or "max_tokens" => (Finish.Length, null),
        "content_filter" => (Finish.ContentFilter, null),
        "tool_calls" or "function_call" => (Finish.ToolCalls, null),
        "insufficient_system_resource" => (null, new(FaultKind.Overloaded, "The provider ran out of resources while it answered.", reason)),
        "error" or "abort" => (null, new(FaultKind.Failed, "The provider broke off its answer.", reason)),
        // A word of the server's own (eos, end_turn): the answer is whole.
        _ => (hasCalls ? Finish.ToolCalls : Finish.Stop, null),
    };
}
