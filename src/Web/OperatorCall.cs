using System.Text.Json;
using Agora.Application.Calls;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Web;

/// <summary>One authenticated request of an operator, which was found right.</summary>
internal sealed class OperatorCall(Request request, Operation operation, Actor actor, Received received, TimeProvider time, ApiOptions options) : RequestCall(request, received, time, options)
{
    private readonly List<(string Name, string Id)> _ids = [];
    private readonly string _actor = $"operator:{actor.Name}";

    public Tenant Tenant { get; } = actor.Tenant;

    public Actor Actor { get; } = actor;

    /// <summary>Only what this owner has is shown; null: all.</summary>
    public string? OnlyOf { get; set; }

    /// <summary>For the log.</summary>
    public string Name => Tenant.IsDefault ? Actor.Name : $"{Tenant}/{Actor.Name}";

    /// <summary>The ids of the route, for the log.</summary>
    public string Subject => _ids.Count == 0 ? "-" : string.Join(' ', _ids.Select(read => read.Id));

    public CommandContext Context
    {
        get => field ??= ContextOf(Tenant, _actor, Limits.ClientKeyKept) with { Actor = _actor, Act = operation.IsRead ? null : Asked() };
        private set;
    }

    /// <summary>For an entity of another tenant, by whose time it was asked: its keys are apart.</summary>
    public CommandContext ContextIn(Tenant tenant, TimeProvider time) =>
        Commands.Keyed(tenant, Key, _actor, IsKeyed ? RequestHash : "", Limits.ClientKeyKept, time) with { Actor = _actor, Act = Context.Act };

    public override string Id(string name)
    {
        var id = PathValue(name);
        if (_ids.Exists(read => read.Name == name)) return id;

        if (!PathIds.IsId(name, id))
        {
            Findings.Malform($"{name} does not match {PathIds.Pattern(name)}");
            return "";
        }

        _ids.Add((name, id));
        return id;
    }

    public override string? CommandRefusal(string command) => Options.CommandRefusal(Tenant, command);

    /// <summary>
    /// What an operator says about a user, for a stream that is not the user's: sealed with the user's key, and so that the hash of the request, which
    /// is kept with its idempotency key, is a code in it too.
    /// </summary>
    public async Task<string> SaidOf(string userId, string? text, IPersonalTexts texts)
    {
        if (Context.Key is { } taken)
        {
            Context = Context with { Key = taken with { BodyHash = await texts.Code(Tenant, userId, taken.BodyHash, Cancel) } };
        }

        return await Because(userId, text, texts) ?? "";
    }

    /// <summary>Why the operator does this to a user: sealed with the user's key, for the command, and kept with the act.</summary>
    public async Task<string?> Because(string userId, string? reason, IPersonalTexts texts) => Because(await texts.Seal(Tenant, userId, reason, Cancel));

    /// <summary>The same about whoever is no user.</summary>
    public string? Because(string? reason)
    {
        Context = Context with { Act = Context.Act! with { Reason = reason } };
        return reason;
    }

    /// <summary>What a header says of why, about the user whom the path names, if it does.</summary>
    public Task Because(IPersonalTexts texts) => Why is null ? Task.CompletedTask
        : _ids.Find(read => read.Name == "user_id") is { Id: { } user } ? Because(user, Why, texts)
        : Task.FromResult(Because(Why));

    /// <summary>What it changes was so.</summary>
    public void Changing(JsonElement before) => Context = Context with { Act = Context.Act! with { Changes = ActChanges.Of(Root, before) } };

    private Act Asked() => new(operation.Name, _ids.Count > 0 ? _ids[0].Id : null, _ids.Count > 1 ? _ids[1].Id : null, CallerAddress, RequestId, Changes: ActChanges.Of(Root));

    /// <summary>Sends the command, and shows what came of it.</summary>
    public Task<Reply> Send<TCommand, TReply>(EntityRef<TCommand> entity, TCommand command, Func<TReply, object> data)
        where TCommand : class
        where TReply : class
        => Send<TCommand, TReply>(entity, command, (given, _) => Task.FromResult(Reply.Ok(data(given))));

    /// <summary>The same where what is shown has to be looked up, or is another thing in a replay.</summary>
    public async Task<Reply> Send<TCommand, TReply>(EntityRef<TCommand> entity, TCommand command, Func<TReply, bool, Task<Reply>> reply)
        where TCommand : class
        where TReply : class
    {
        var answer = await entity.Send(command, Context);
        return answer.Rejection is { } rejection
            ? Reply.Refused(rejection)
            : await reply(answer.As<TReply>(), answer.Replayed) with { Replayed = answer.Replayed };
    }
}
