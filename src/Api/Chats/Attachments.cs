using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Attachments;
using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Grains.Kernel;
using Agora.Models;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Chats;

/// <summary>Files that go with what is said, each kept once under the hash of its bytes: pictures, which a model looks at, and texts, which it reads as they are. They are their agent's and its user's alone.</summary>
internal sealed class Attachments(IEntities entities, PersonalLog log) : IFeature
{
    private const string Path = "/api/v2/chat/attachments";
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private static readonly string[] Pictures = ["image/png", "image/jpeg", "image/gif", "image/webp"];
    private static readonly string[] Texts = ["text/plain", "text/markdown", "text/csv", "application/json"];

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

    private static readonly Rejection NotFound = new(Codes.NotFound, "No file is kept under this hash.");
    private static readonly Rejection TooManyRead = Crowded.NoRoom("Too many files are being read here.");

    /// <summary>Until whoever asked has read it.</summary>
    private readonly CallPlaces _reads = new();

    public void Map(Routes routes) => routes.Map(Keep, KeepFile).Map(Get, GetFile);

    public static IReadOnlyList<string> MediaTypes { get; } = [.. Pictures, .. Texts];

    public static bool IsPicture(string mediaType) => Pictures.Contains(mediaType);

    /// <summary>Whose file it is decides whether it is there: nobody reads another's by knowing its hash.</summary>
    /// <returns>Null: there is none, or the user's data were erased.</returns>
    public async Task<KeptFile?> Find(AgentCall call, SessionView session, string hash)
    {
        var stream = call.Tenant.Attachment(AttachmentIds.Of(hash, SessionPaths.Agents(session), session.UserId));
        return AttachmentIds.IsHash(hash) && await log.Whole(AttachmentEntity.Entity, stream, call.Cancel) is [{ Happened: AttachmentEvent.Kept { Bytes: { } bytes } kept }, ..]
            ? new(hash, kept.MediaType, kept.Length, bytes.Read<string>()!) : null;
    }

    private async Task<Reply> KeepFile(AgentCall call, AttachmentAsked asked)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        var (bytes, type) = (Convert.FromBase64String(asked.Data!), asked.MediaType!);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var (who, all) = (SessionPaths.Agents(session), entities.In(call.Tenant));
        if ((await all.Attachment(AttachmentIds.Counting(who, session.UserId)).Send(new AttachmentCommand.Bring(hash, bytes.Length), call.Fresh())).Rejection is { } enough)
        {
            return Reply.Refused(enough);
        }

        var entity = all.Attachment(AttachmentIds.Of(hash, who, session.UserId));
        var kept = await entity.Send(new AttachmentCommand.Keep(type, bytes.Length, Personal.Of(asked.Data)), call.Fresh());
        return kept.Reply is AttachmentView view ? Reply.Created(new AttachmentData(view.Hash, view.MediaType, view.Length, Data: null)) : Reply.Refused(kept.Rejection!);
    }

    private async Task<Reply> GetFile(AgentCall call, string hash)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return refused!;

        if (await Find(call, session, hash) is not { } file) return Reply.Refused(NotFound);

        var place = call.Begun(_reads.Begin(call.Owner, file.Base64.Length));
        return place is null ? Reply.Refused(TooManyRead) : Reply.Ok(new AttachmentData(file.Hash, file.MediaType, file.Length, file.Base64)) with { UntrustedFields = ["data.data"] };
    }
}

/// <summary>A file that is brought.</summary>
internal sealed record AttachmentAsked(string? MediaType, string? Data)
{
    public static AttachmentAsked Read(Call call)
    {
        var asked = new AttachmentAsked(
            call.Body.OneOf("media_type", "What it is.", Attachments.MediaTypes, required: true),
            call.Body.Formatted("data", "Its bytes, as base64 (RFC 4648, section 4).", (ChatLimits.AttachmentBytes + 2) / 3 * 4, static text => text.Length > 0 && Base64.IsValid(text), "Base64 is wanted, with its padding."));
        if (asked is { MediaType: { } type, Data: { } data } && call.Findings.Refusal is null && Wrong(type, Convert.FromBase64String(data)) is var (keyword, message))
        {
            call.Findings.Violate("/data", keyword, message);
        }

        return asked;
    }

    /// <summary>A file is what it is said to be for ever: so it is looked at, as far as its beginning tells.</summary>
    private static (string Keyword, string Message)? Wrong(string type, byte[] bytes) =>
        bytes.Length > ChatLimits.AttachmentBytes ? ("maxLength", Wanted.AtMost(ChatLimits.AttachmentBytes, "bytes", bytes.Length))
        : Attachments.IsPicture(type) ? Begins(type, bytes) ? null : ("contentMediaType", $"It does not begin as {type} does.")
        : System.Text.Unicode.Utf8.IsValid(bytes) && !bytes.Contains((byte)0) ? null : ("contentEncoding", "A text is UTF-8, without the character U+0000.");

    private static bool Begins(string type, ReadOnlySpan<byte> bytes) => type switch
    {
        "image/png" => bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]),
        "image/jpeg" => bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]),
        "image/gif" => bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8),
        _ => bytes.StartsWith("RIFF"u8) && bytes.Length >= 12 && bytes[8..12].SequenceEqual("WEBP"u8),
    };
}

/// <param name="Bytes">So many.</param>
/// <param name="Data">As base64; null: it was just brought.</param>
internal sealed record AttachmentData(string Hash, string MediaType, int Bytes, string? Data);

/// <summary>A file as it was read.</summary>
internal sealed record KeptFile(string Hash, string MediaType, int Length, string Base64)
{
    /// <summary>A text stands between marks that have its hash, so nothing in it ends it.</summary>
    public Part AsPart() => Attachments.IsPicture(MediaType) ? new Part.Image(null, MediaType, Base64, null)
        : new Part.Text($"<file sha256=\"{Hash}\" type=\"{MediaType}\">\n{Encoding.UTF8.GetString(Convert.FromBase64String(Base64))}\n</file sha256=\"{Hash}\">");
}
