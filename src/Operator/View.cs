using System.Text.Json;
using Agora.Api.Desk;

namespace Agora.Operator;

/// <summary>What every part of a page knows.</summary>
/// <param name="Who">Null: nobody has signed in.</param>
/// <param name="Path">Of the page, with its query.</param>
public sealed record View(DeskOperator? Who, Wording Words, RouteMap Map, string Path)
{
    public string Code => Who?.FormCode ?? "";

    /// <summary>Members of the shown reply that agents, providers or others wrote. They are drawn without links, amounts or colors.</summary>
    public IReadOnlyCollection<string> Foreign { get; init; } = [];

    public View For(DeskReply reply) => this with { Foreign = reply.ForeignMembers };

    /// <summary>The page of whatever a member names; null: none, or none for whoever looks.</summary>
    public string? PageOf(string member, string id) => Who is null ? null : Map.PageOf(member, id, Who);

    /// <summary>Whether whoever looks may read this path of the API.</summary>
    public bool MayRead(string path) => Who is not null && Map.Find("GET", path.Split('?')[0])?.Route.IsFor(Who, path) == true;
}

/// <summary>An act that was refused, for its form to be shown again with what was in it.</summary>
/// <param name="Why">A sentence.</param>
/// <param name="Details">What is wrong with which member, as the route says it; null: no more is to be said.</param>
public sealed record Refused(OperatorRoute Route, string Why, JsonElement? Details, IReadOnlyDictionary<string, string> Given);

/// <summary>A part of the overview.</summary>
/// <param name="Title">In English.</param>
/// <param name="Page">Where all of it stands.</param>
public sealed record Card(string Title, string Page, DeskReply Reply);

/// <summary>What an act answered on the page that it was sent from.</summary>
/// <param name="Given">What its form said, by the names of its fields.</param>
public sealed record Came(OperatorRoute Act, DeskReply Reply, IReadOnlyDictionary<string, string> Given);
