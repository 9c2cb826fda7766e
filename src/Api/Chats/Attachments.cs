using Agora.Application.Calls;
using Agora.Application.Chats;
using Agora.Application.Operations;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Chats;

/// <summary>Files that go with what is said, each kept once under the hash of its bytes: pictures, which a model looks at, and texts, which it reads as they are. They are their agent's and its user's alone.</summary>
internal sealed class Attachments(ChatFiles files) : IFeature
{
    private const string Path = "/api/v2/chat/attachments";
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    public static readonly Operation<AttachmentAsked> Keep = new(Audience.Agents, "keep_attachment", $"POST {Path}", "Keep a file that is then named by its hash in what is said")
    {
        Read = AttachmentAsked.Read,
        MostBytes = (ChatLimits.AttachmentBytes / 3 * 4) + (64 * 1024),
        Status = StatusCodes.Status201Created,
        Data = typeof(AttachmentData),
        Codes = [Codes.ValidationFailed, Codes.PayloadTooLarge, Codes.RateLimited, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        BodyExample = """{"media_type":"text/plain","data":"dGVzdA=="}""",
        DataExample = $$"""{"hash":"{{Hash}}","media_type":"text/plain","bytes":4,"data":null}""",
    };

    public static readonly Operation<string> Get = new(Audience.Agents, "get_attachment", $"GET {Path}/{{hash}}", "A file that was kept")
    {
        Read = static call => call.Id("hash"),
        Data = typeof(AttachmentData),
        Codes = [Codes.NotFound],
        DataExample = $$"""{"hash":"{{Hash}}","media_type":"text/plain","bytes":4,"data":"dGVzdA=="}""",
    };

    private static readonly Rejection TooManyRead = Crowded.NoRoom("Too many files are being read here.");

    /// <summary>Until whoever asked has read it.</summary>
    private readonly CallPlaces _reads = new();

    public void Map(Routes routes) => routes.Map(Keep, KeepFile).Map(Get, GetFile);

    private async Task<Reply> KeepFile(AgentCall call, AttachmentAsked asked) => (await files.Keep(call.ForModels, asked)).Reply(static view => Reply.Created(new AttachmentData(view.Hash, view.MediaType, view.Length, Data: null)));

    private async Task<Reply> GetFile(AgentCall call, string hash) => (await files.Get(call.ForModels, hash)).Reply(file =>
    {
        var place = call.Begun(_reads.Begin(call.Owner, file.Base64.Length));
        return place is null ? Reply.Refused(TooManyRead) : Reply.Ok(new AttachmentData(file.Hash, file.MediaType, file.Length, file.Base64)) with { UntrustedFields = ["data.data"] };
    });
}

/// <param name="Bytes">So many.</param>
/// <param name="Data">As base64; null: it was just brought.</param>
internal sealed record AttachmentData(string Hash, string MediaType, int Bytes, string? Data);
