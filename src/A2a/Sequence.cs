using Microsoft.AspNetCore.Http;

namespace Agora.A2a;

/// <summary>
/// The extension of the protocol by which a client loses nothing: each event of a task has a number, and a stream goes on behind the one that was received last. Clients that do not ask for it see nothing of it
/// but the ids of server-sent events, which they pass over.
/// </summary>
internal static class Sequence
{
    public const string Uri = "urn:agora:a2a:sequence:v1";
    public const string Header = "A2A-Extensions";
    public const string Description = "A message is known again by its id, for as long as its task is kept. Each event has a sequence, from 1 and without gaps, in its metadata and as the id of its server-sent event; a stream goes on behind Last-Event-ID. See docs/a2a.md.";

    /// <summary>The member of its metadata, where it is asked for.</summary>
    public const string Member = "sequence";

    /// <summary>Of a message: within how many seconds its agent has to say something.</summary>
    public const string ReplyWithin = "replyWithinSeconds";

    public static bool IsWanted(HttpRequest request) =>
        request.Headers[Header].Any(value => value?.Split(',', StringSplitOptions.TrimEntries).Contains(Uri, StringComparer.Ordinal) == true);
}
