using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Models;
using Agora.Models.Dialects;

namespace Agora.Application.Models;

/// <summary>The client that asked for a call of a model, in the words that it reads. It may have gone away: then nothing more is written to it, and nothing fails.</summary>
internal interface IModelClient
{
    /// <summary>All limits hold what the call can cost.</summary>
    void Held(ModelHold hold, RunView run);

    /// <param name="posted">What was posted. Null if nothing was, or it is not known here.</param>
    void Cost(long? posted);

    /// <summary>The answer is the reply of another call.</summary>
    void FromCache(CacheLook.Hit hit);

    /// <summary>No model is called.</summary>
    Task Refuse(Rejection refused);

    /// <param name="passing">Whether and when the same request may succeed. Null if that follows from the fault.</param>
    Task Fail(DialectFault fault, Rejection? passing = null);

    /// <summary>The whole reply, at once.</summary>
    Task Whole(ModelRequest asked, ReplyHead head, ModelReply reply);

    /// <summary>The reply is made in the background, and kept.</summary>
    Task UnderWay(ModelRequest asked, ReplyHead head);

    /// <summary>Begins a reply that comes piece by piece. Its beginning is sent with the first flush.</summary>
    IReplyPieces Begin(ModelRequest asked, ReplyHead head);

    /// <summary>Passes sound on. The first piece begins the reply.</summary>
    ValueTask Sound(string mediaType, ReadOnlyMemory<byte> piece);

    /// <summary>Ends sound that is not whole. It has no word for an error, so a reply that has begun is cut off.</summary>
    Task CutSound(DialectFault fault);
}

/// <summary>A reply that is sent piece by piece. What is written leaves with the next flush.</summary>
internal interface IReplyPieces
{
    void Write(ModelEvent said);

    void End(ModelReply reply);

    /// <param name="reply">What came of it before it failed.</param>
    void Fail(DialectFault fault, ModelReply reply);

    ValueTask Flush();
}
