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

namespace Agora.Application.Chats;

/// <summary>Files that go with what is said, each kept once under the hash of its bytes: pictures, which a model looks at, and texts, which it reads as they are. They belong to their agent and its user alone.</summary>
internal sealed class ChatFiles(IEntities entities, PersonalLog log)
{
    private static readonly string[] Pictures = ["image/png", "image/jpeg", "image/gif", "image/webp"];
    private static readonly string[] Texts = ["text/plain", "text/markdown", "text/csv", "application/json"];

    private static readonly Rejection NotFound = new(Codes.NotFound, "No file is kept under this hash.");

    public static IReadOnlyList<string> MediaTypes { get; } = [.. Pictures, .. Texts];

    public static bool IsPicture(string mediaType) => Pictures.Contains(mediaType);

    /// <summary>Finds a file of the session's own agent and user. Knowing its hash does not let another read it.</summary>
    /// <returns>Null if there is none, or the user's data were erased.</returns>
    public async Task<KeptFile?> Find(ModelCaller call, SessionView session, string hash)
    {
        var stream = call.Tenant.Attachment(AttachmentIds.Of(hash, SessionPaths.Agents(session), session.UserId));
        return AttachmentIds.IsHash(hash) && await log.Whole(AttachmentEntity.Entity, stream, call.Cancel) is [{ Happened: AttachmentEvent.Kept { Bytes: { } bytes } kept }, ..]
            ? new(hash, kept.MediaType, kept.Length, bytes.Read<string>()!) : null;
    }

    /// <summary>Keeps a file. It is counted first: if the process dies between the two, the same file is counted once when it is sent again.</summary>
    public async Task<Result<AttachmentView>> Keep(ModelCaller call, AttachmentAsked asked)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<AttachmentView>(refused!);

        var (bytes, type) = (Convert.FromBase64String(asked.Data!), asked.MediaType!);
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var (agents, all) = (SessionPaths.Agents(session), entities.In(call.Tenant));
        if ((await all.Attachment(AttachmentIds.Counting(agents, session.UserId)).Send(new AttachmentCommand.Bring(hash, bytes.Length), call.Fresh())).Rejection is { } enough)
        {
            return Result.Refused<AttachmentView>(enough);
        }

        var kept = await all.Attachment(AttachmentIds.Of(hash, agents, session.UserId)).Send(new AttachmentCommand.Keep(type, bytes.Length, Personal.Of(asked.Data)), call.Fresh());
        return kept.Reply is AttachmentView view ? Result.Of(view) : Result.Refused<AttachmentView>(kept.Rejection!);
    }

    public async Task<Result<KeptFile>> Get(ModelCaller call, string hash)
    {
        var (session, refused) = await call.Enter();
        if (session is null) return Result.Refused<KeptFile>(refused!);

        return await Find(call, session, hash) is { } file ? Result.Of(file) : Result.Refused<KeptFile>(NotFound);
    }
}

/// <summary>A file that is brought.</summary>
internal sealed record AttachmentAsked(string? MediaType, string? Data)
{
    public static AttachmentAsked Read(Call call)
    {
        var asked = new AttachmentAsked(
            call.Body.OneOf("media_type", "What it is.", ChatFiles.MediaTypes, required: true),
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
        : ChatFiles.IsPicture(type) ? Begins(type, bytes) ? null : ("contentMediaType", $"It does not begin as {type} does.")
        : System.Text.Unicode.Utf8.IsValid(bytes) && !bytes.Contains((byte)0) ? null : ("contentEncoding", "A text is UTF-8, without the character U+0000.");

    private static bool Begins(string type, ReadOnlySpan<byte> bytes) => type switch
    {
        "image/png" => bytes.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]),
        "image/jpeg" => bytes.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]),
        "image/gif" => bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8),
        _ => bytes.StartsWith("RIFF"u8) && bytes.Length >= 12 && bytes[8..12].SequenceEqual("WEBP"u8),
    };
}

/// <summary>A file as it was read.</summary>
internal sealed record KeptFile(string Hash, string MediaType, int Length, string Base64)
{
    /// <summary>A text stands between marks that have its hash, so nothing in it ends it.</summary>
    public Part AsPart() => ChatFiles.IsPicture(MediaType) ? new Part.Image(null, MediaType, Base64, null)
        : new Part.Text($"<file sha256=\"{Hash}\" type=\"{MediaType}\">\n{Encoding.UTF8.GetString(Convert.FromBase64String(Base64))}\n</file sha256=\"{Hash}\">");
}
