namespace Elasticity.Engine;

/// <summary>
/// The port: everything that clients, agents and people can ask of Elasticity, the same for every engine. HTTP, CLI, UI
/// and the .NET clients are shells around it.
/// </summary>
/// <remarks>
/// Safe for concurrent use. No answer of any kind reveals a state that is not durable yet. An expected "no" is a
/// <see cref="Reply{T}"/> with a rejection; when the engine cannot serve at all, every member throws
/// <see cref="EngineUnavailableException"/>, and whether a command was carried out is then unknown: send it again, all
/// commands are idempotent.
/// </remarks>
public interface IElasticity : IJobs, IWork, IInspection;
